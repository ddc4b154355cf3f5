// SPDX-License-Identifier: GPL-2.0-or-later
#include "stereo_take.hpp"

#include <algorithm>
#include <cstring>

namespace callfloor {
namespace {

constexpr std::chrono::milliseconds kHeaderEvery(400);  // with the writer's 100 ms: at least every 500 ms
constexpr std::uint64_t kLongestGapTicks = 50;          // 1 s; more is another clock, not a gap

}  // namespace

StereoTake::StereoTake(unsigned fsync_ms)
    : slots_(kSlots), sync_every_(fsync_ms), header_written_(Clock::now()), synced_(header_written_) {}

void StereoTake::put(unsigned channel, const std::int16_t *samples, std::uint64_t timestamp) {
    std::lock_guard<std::mutex> hold(mutex_);
    if (stopped_) return;
    if (!in_tick_ || timestamp != timestamp_) begin_tick(timestamp);
    if (!slot_open_ || !samples) return;
    std::int16_t *pairs = slots_[head_.load(std::memory_order_relaxed) % kSlots].pairs + channel;
    for (unsigned i = 0; i < kFrameSamples; ++i) pairs[2 * i] = samples[i];
}

// Both sinks are called within one tick of the conference and with the same timestamp, so a new timestamp says that
// the tick before is complete, and a jump that the conference left ticks out. The sinks may join it on different ticks.
void StereoTake::begin_tick(std::uint64_t timestamp) {
    std::uint64_t missed = 0;
    if (in_tick_) {
        end_tick();
        const std::uint64_t ticks = timestamp > timestamp_ ? (timestamp - timestamp_) / kFrameSamples : 0;
        if (ticks > 1 && ticks <= kLongestGapTicks) missed = ticks - 1;
    }
    for (; missed > 0; --missed) {
        next_slot();
        end_tick();
    }
    next_slot();
    in_tick_ = true;
    timestamp_ = timestamp;
}

void StereoTake::next_slot() {
    const std::uint64_t head = head_.load(std::memory_order_relaxed);
    slot_open_ = head - tail_.load(std::memory_order_acquire) < kSlots;
    if (!slot_open_) {
        ++lost_run_;
        ++lost_;
        return;
    }
    Slot &slot = slots_[head % kSlots];
    slot.silence_before = lost_run_;
    lost_run_ = 0;
    std::memset(slot.pairs, 0, sizeof slot.pairs);
}

void StereoTake::end_tick() {
    if (slot_open_) head_.fetch_add(1, std::memory_order_release);
    slot_open_ = false;
    ++frames_;
}

void StereoTake::finish() {
    {
        std::lock_guard<std::mutex> hold(mutex_);
        if (stopped_) return;
        if (in_tick_) end_tick();
        stopped_ = true;
    }
    {
        std::lock_guard<std::mutex> hold(finish_mutex_);
        finishing_ = true;
    }
    DiskWriter::instance().wake();
}

void StereoTake::wait_finished() {
    std::unique_lock<std::mutex> hold(finish_mutex_);
    finish_changed_.wait(hold, [this] { return finished_; });
}

bool StereoTake::drain(Clock::time_point now) {
    bool finishing;
    {
        std::lock_guard<std::mutex> hold(finish_mutex_);
        if (finished_) return false;
        finishing = finishing_;
    }
    write_waiting();
    if (finishing) {
        finish_file();
        return false;
    }
    if (header_behind_ && now - header_written_ >= kHeaderEvery && !error_) {
        if (!file_.write_header()) refused(0);
        header_behind_ = false;
        header_written_ = now;
    }
    return true;
}

bool StereoTake::write_waiting() {
    for (;;) {
        const std::uint64_t tail = tail_.load(std::memory_order_relaxed);
        const std::uint64_t ready = head_.load(std::memory_order_acquire) - tail;
        if (ready == 0) return true;
        const Slot &first = slots_[tail % kSlots];
        if (first.silence_before && !write_silence(first.silence_before)) return false;
        // Slots that follow each other are written together, up to the next gap.
        std::int16_t block[25 * 2 * kFrameSamples];
        std::size_t count = 0;
        while (count < std::min<std::uint64_t>(ready, 25)) {
            const Slot &slot = slots_[(tail + count) % kSlots];
            if (count > 0 && slot.silence_before) break;
            std::memcpy(block + count * 2 * kFrameSamples, slot.pairs, sizeof slot.pairs);
            ++count;
        }
        if (error_ || !file_.append(block, count * sizeof slots_[0].pairs)) refused(count);
        header_behind_ = unsynced_ = true;
        tail_.store(tail + count, std::memory_order_release);
    }
}

bool StereoTake::write_silence(std::uint32_t frames) {
    static const std::int16_t silence[2 * kFrameSamples] = {};
    for (; frames > 0 && !error_; --frames) {
        if (!file_.append(silence, sizeof silence)) refused(0);
    }
    return true;
}

void StereoTake::refused(std::size_t frames) {
    lost_ += frames;
    if (!error_) error_ = file_.error();
}

bool StereoTake::sync_due(Clock::time_point now) const { return unsynced_ && !error_ && now - synced_ >= sync_every_; }

void StereoTake::sync() {
    if (!file_.sync()) refused(0);
    unsynced_ = false;
    synced_ = Clock::now();
}

void StereoTake::finish_file() {
    // The conference is out already (stopped_ came before finishing_), so its side may be read here.
    if (lost_run_ > 0) write_silence(lost_run_);
    // Also after an error: what was written until then must be playable.
    if (error_) file_.trim();
    const bool header = file_.write_header();
    if ((!header || !file_.sync()) && !error_) refused(0);
    file_.close();
    unsynced_ = false;  // the writer may look at this take once more in the same round
    std::lock_guard<std::mutex> hold(finish_mutex_);
    finished_ = true;
    finish_changed_.notify_all();
}

}  // namespace callfloor
