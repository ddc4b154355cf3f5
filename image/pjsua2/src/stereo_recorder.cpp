// SPDX-License-Identifier: GPL-2.0-or-later
#include <cstring>

#include "callfloor_media.hpp"
#include "stereo_take.hpp"

namespace callfloor {

class RecorderTrack : public pj::AudioMedia {
public:
    RecorderTrack(const char *name, const std::shared_ptr<StereoTake> &take, unsigned channel)
        : port_(make_conf_port(name, std::make_shared<TrackEnd>(take, channel))) {
        try {
            registerMediaPort2(port_, conf_port_pool(port_));
        } catch (...) {
            pjmedia_port_destroy(port_);
            throw;
        }
    }

    ~RecorderTrack() override { leave(); }

    void leave() {
        if (!port_) return;
        if (library_alive()) {
            try {
                unregisterMediaPort();
            } catch (const pj::Error &) {
                // Already removed by the conference; nothing of ours depends on it.
            }
            pjmedia_port_destroy(port_);
        }
        port_ = nullptr;
    }

private:
    pjmedia_port *port_;
};

StereoRecorder::StereoRecorder() = default;

StereoRecorder::~StereoRecorder() { detach(); }

void StereoRecorder::open(const std::string &path, unsigned fsync_ms) {
    if (take_) throw pj::Error(PJ_EEXISTS, "StereoRecorder.open()", "already opened", __FILE__, __LINE__);
    auto take = std::make_shared<StereoTake>(fsync_ms);
    const int error = take->create(path);
    if (error) raise_errno(error, "StereoRecorder.open()", path);
    left_ = std::make_unique<RecorderTrack>("rec-left", take, 0);
    try {
        right_ = std::make_unique<RecorderTrack>("rec-right", take, 1);
    } catch (...) {
        left_.reset();
        throw;
    }
    take_ = take;
    DiskWriter::instance().add(take);
}

pj::AudioMedia &StereoRecorder::left() {
    if (!left_) throw pj::Error(PJ_EINVALIDOP, "StereoRecorder.left()", "not open", __FILE__, __LINE__);
    return *left_;
}

pj::AudioMedia &StereoRecorder::right() {
    if (!right_) throw pj::Error(PJ_EINVALIDOP, "StereoRecorder.right()", "not open", __FILE__, __LINE__);
    return *right_;
}

// The tracks stay until the destructor: left() and right() may still be held, though they transmit nowhere.
void StereoRecorder::detach() {
    if (!take_) return;
    take_->finish();
    left_->leave();
    right_->leave();
}

double StereoRecorder::close() {
    detach();
    if (take_) take_->wait_finished();
    return seconds();
}

double StereoRecorder::seconds() const { return take_ ? take_->seconds() : 0.0; }

unsigned long long StereoRecorder::lost_frames() const { return take_ ? take_->lost_frames() : 0; }

bool StereoRecorder::failed() const { return take_ && take_->error() != 0; }

std::string StereoRecorder::error() const { return failed() ? std::strerror(take_->error()) : ""; }

}  // namespace callfloor
