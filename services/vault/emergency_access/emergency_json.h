// SPDX-License-Identifier: BSD-2-Clause
//
// Entries of emergency access as their two sides see them (vault-extras 3.2).
#pragma once

#include "services/vault/json/writer.h"
#include "storage/stores/emergency_access_store.h"

namespace coffer::vault {

enum class OtherSide { Grantee, Grantor };

// One element of a list, with the person on the other side.
void writeContact(json::Writer& writer, const storage::EmergencyContact& contact, OtherSide side);

// {"id","status","type","waitTimeDays","object":"emergencyAccess"}
void writeEmergencyAccess(json::Writer& writer, const storage::EmergencyAccess& access);

}  // namespace coffer::vault
