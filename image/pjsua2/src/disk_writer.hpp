// SPDX-License-Identifier: GPL-2.0-or-later
// The one background thread that writes all recordings and packet logs, so that a stalled disk stalls only itself.
#ifndef CALLFLOOR_DISK_WRITER_HPP
#define CALLFLOOR_DISK_WRITER_HPP

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

namespace callfloor {

using Clock = std::chrono::steady_clock;

class DiskJob {
public:
    virtual ~DiskJob() = default;
    // Writes what is waiting; called every 100 ms. False when the job is finished and may be forgotten.
    virtual bool drain(Clock::time_point now) = 0;
    virtual bool sync_due(Clock::time_point) const { return false; }
    // Forces what was written to the disk; may take long.
    virtual void sync() {}
};

class DiskWriter {
public:
    // Never destroyed: its thread may outlive main().
    static DiskWriter &instance();
    void add(std::shared_ptr<DiskJob> job);
    // Drain now instead of at the next 100 ms.
    void wake();

private:
    using Jobs = std::vector<std::shared_ptr<DiskJob>>;

    void start();
    void run();
    Jobs wait();
    void drain_all(const Jobs &jobs);
    void sync_some(const Jobs &jobs);

    std::mutex mutex_;
    std::condition_variable changed_;
    Jobs jobs_;
    bool woken_ = false;
    bool started_ = false;
};

}  // namespace callfloor

#endif
