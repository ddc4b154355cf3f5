// SPDX-License-Identifier: GPL-2.0-or-later
// pjproject's own SWIG interface with our classes added to the same module.
%module(directors="1") pjsua2

// C++ types as annotations: stubs.py makes the type stubs from them.
%feature("python:annotations", "c");

%include "pjsua2.i"

%{
#include "callfloor_media.hpp"
%}

// The sinks are parts of the recorder: a Python reference to one must keep the whole alive.
%pythonappend callfloor::StereoRecorder::left %{ val._recorder = self %}
%pythonappend callfloor::StereoRecorder::right %{ val._recorder = self %}
%nodefaultctor callfloor::RtpTap;

%include "callfloor_media.hpp"
