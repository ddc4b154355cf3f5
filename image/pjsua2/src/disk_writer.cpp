// SPDX-License-Identifier: GPL-2.0-or-later
#include "disk_writer.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <pthread.h>
#include <signal.h>

namespace callfloor {
namespace {

constexpr std::chrono::milliseconds kPeriod(100);

}  // namespace

DiskWriter &DiskWriter::instance() {
    static DiskWriter *const writer = new DiskWriter;
    return *writer;
}

void DiskWriter::add(std::shared_ptr<DiskJob> job) {
    std::lock_guard<std::mutex> hold(mutex_);
    jobs_.push_back(std::move(job));
    if (!started_) start();
    started_ = true;
}

void DiskWriter::wake() {
    std::lock_guard<std::mutex> hold(mutex_);
    woken_ = true;
    changed_.notify_all();
}

// Signals belong to the interpreter's main thread: a new thread inherits the mask it is created under.
void DiskWriter::start() {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread(&DiskWriter::run, this).detach();
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void DiskWriter::run() {
    for (;;) {
        const Jobs jobs = wait();
        drain_all(jobs);
        sync_some(jobs);
    }
}

DiskWriter::Jobs DiskWriter::wait() {
    std::unique_lock<std::mutex> hold(mutex_);
    changed_.wait_for(hold, kPeriod, [this] { return woken_; });
    woken_ = false;
    return jobs_;
}

void DiskWriter::drain_all(const Jobs &jobs) {
    for (const auto &job : jobs) {
        if (job->drain(Clock::now())) continue;
        std::lock_guard<std::mutex> hold(mutex_);
        jobs_.erase(std::remove(jobs_.begin(), jobs_.end(), job), jobs_.end());
    }
}

// A slow disk needs longer to sync all files than the queues are long, so the queues get their turn in between.
void DiskWriter::sync_some(const Jobs &jobs) {
    Clock::time_point drained = Clock::now();
    for (const auto &job : jobs) {
        const Clock::time_point now = Clock::now();
        if (now - drained > kPeriod) {
            drain_all(jobs);
            drained = Clock::now();
        }
        if (job->sync_due(now)) job->sync();
    }
}

}  // namespace callfloor
