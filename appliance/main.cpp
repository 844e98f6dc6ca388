// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/command_line.h"

int main(int argc, char** argv) { return coffer::runtime::run(argc, argv); }
