// SPDX-License-Identifier: BSD-2-Clause
//
// A mail before it is written: which one, for whom, and what it tells (vault-operations 5.2).
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace coffer::vault {

// Each has a template of its own (templates.h), which lists the values it takes.
enum class MailKind {
  Welcome,                     // -
  WelcomeMustVerify,           // link
  VerifyEmail,                 // link
  RegisterVerifyEmail,         // link
  PasswordHint,                // hint
  NoPasswordHint,              // -
  DeleteAccount,               // link
  ChangeEmail,                 // code
  ChangeEmailExisting,         // acting_address, existing_address
  ChangeEmailInvited,          // acting_address, existing_address
  NewDeviceLoggedIn,           // ip, device_name, device_type, datetime
  NewDeviceCode,               // code, ip, device_name
  IncompleteLogin,             // ip, device_name, device_type, datetime, minutes
  TwoFactorCode,               // code
  TwoFactorRecovered,          // ip, datetime
  ProtectedAction,             // code
  SendCode,                    // code
  EmergencyInvite,             // grantor_name, link
  EmergencyInviteAccepted,     // grantee_email
  EmergencyInviteConfirmed,    // grantor_name
  EmergencyRecoveryInitiated,  // grantee_name, access, wait_days
  EmergencyRecoveryReminder,   // grantee_name, access, days_left
  EmergencyRecoveryApproved,   // grantor_name
  EmergencyRecoveryRejected,   // grantor_name
  EmergencyRecoveryTimedOut,   // grantee_name, access
  Test,                        // -
};

struct Mail {
  MailKind kind = MailKind::Test;
  std::string to;  // One address, bare.
  // Plain text; the templates escape it. "url", the address of the vault, is always there.
  std::vector<std::pair<std::string, std::string>> values;
};

}  // namespace coffer::vault
