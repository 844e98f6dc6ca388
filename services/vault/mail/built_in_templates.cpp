// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/built_in_templates.h"

#include <cstddef>

namespace coffer::vault {
namespace {

constexpr BuiltInTemplate kTemplates[] = {
    {MailKind::Welcome, "welcome", "", R"(Welcome to your vault

Your vault is ready. Log in with this address and the master password you
chose, in the Bitwarden app, the browser extension or on the web.

Nobody can recover a master password, not even whoever runs this server.
Keep yours somewhere safe.)"},

    {MailKind::WelcomeMustVerify, "welcome_must_verify", "link", R"(Welcome to your vault

Your vault is ready. Please confirm that this address is yours:

Confirm this address:
{{link}}

Nobody can recover a master password, not even whoever runs this server.
Keep yours somewhere safe.)"},

    {MailKind::VerifyEmail, "verify_email", "link", R"(Confirm your address

Please confirm that this address belongs to your vault.

Confirm this address:
{{link}}

If you did not ask for this, you need not do anything.)"},

    {MailKind::RegisterVerifyEmail, "register_verify_email", "link", R"(Finish making your account

Somebody, probably you, is making an account for a vault with this address.

Go on:
{{link}}

If it was not you, you need not do anything: without the link there will be
no account.)"},

    {MailKind::PasswordHint, "pw_hint_some", "hint", R"(The hint for your master password

Somebody, probably you, asked for the hint that you left for your master
password. It says:

{{hint}}

If that does not help, the password cannot be recovered.{{#url}} You can
delete the account and start again at {{url}}/#/recover-delete{{/url}})"},

    {MailKind::NoPasswordHint, "pw_hint_none", "", R"(There is no hint for your master password

Somebody, probably you, asked for the hint for your master password. You
left none when you chose it.

Nobody can recover the password itself.{{#url}} You can delete the account
and start again at {{url}}/#/recover-delete{{/url}})"},

    {MailKind::DeleteAccount, "delete_account", "link", R"(Delete your account?

Somebody, probably you, asked to delete your account. Everything in it will
be gone for good: items, files, Sends.

Delete the account:
{{link}}

If it was not you, do not open the link. Nothing is deleted then.)"},

    {MailKind::ChangeEmail, "change_email", "code", R"(Your code to change the address

Enter this code to make this the address of your vault:

{{code}}

If you did not ask for it, you need not do anything.)"},

    {MailKind::ChangeEmailExisting, "change_email_existing", "acting_address existing_address",
     R"(Somebody tried to use your address

The account {{acting_address}} was to be changed to your address,
{{existing_address}}. That is not possible while you have an account here,
so nothing was changed.

If both accounts are yours, delete one of them first or choose another
address.)"},

    {MailKind::ChangeEmailInvited, "change_email_invited", "acting_address existing_address",
     R"(Somebody tried to use your address

The account {{acting_address}} was to be changed to your address,
{{existing_address}}. That is not possible while an invitation waits for you
here, so nothing was changed.

If the account is yours, make one for this address or choose another
address.)"},

    {MailKind::NewDeviceLoggedIn, "new_device_logged_in", "ip device_name device_type datetime",
     R"(New login to your vault from {{device_name}}

Your vault was opened on a device that was not known before.

- Device: {{device_name}} ({{device_type}})
- Time: {{datetime}}
- From: {{ip}}

If it was you, all is well. If not, change your master password now and log
out all devices in your account's settings.)"},

    {MailKind::NewDeviceCode, "new_device_code", "code ip device_name",
     R"(Your code for a login from a new device

A login to your vault comes from a device that is not known yet. If it is
you, enter this code:

{{code}}

- Device: {{device_name}}
- From: {{ip}}

If it is not you, somebody knows your master password: do not tell anybody
the code, and change the password soon.)"},

    {MailKind::IncompleteLogin, "incomplete_2fa_login",
     "ip device_name device_type datetime minutes",
     R"(A login to your vault stopped halfway, on {{device_name}}

Somebody entered your master password and then, within {{minutes}} minutes,
no right second factor.

- Device: {{device_name}} ({{device_type}})
- Time: {{datetime}}
- From: {{ip}}

If it was not you, somebody knows your master password. Change it as soon as
you can.)"},

    {MailKind::TwoFactorCode, "twofactor_email", "code", R"(Your code to log in

Enter this code to go on:

{{code}}

If you are not logging in at the moment, somebody may know your master
password. Do not tell anybody the code.)"},

    {MailKind::TwoFactorRecovered, "twofactor_recovered", "ip datetime",
     R"(Your second factors were switched off

Your recovery code was used to log in. All second factors of your account
are off now, and the code is used up.

- Time: {{datetime}}
- From: {{ip}}

If it was you, set up a second factor again soon. If not, change your master
password now.)"},

    {MailKind::ProtectedAction, "protected_action", "code", R"(Your code to confirm an action

Enter this code to confirm what you are about to do in your vault:

{{code}}

If you are not doing anything there, do not tell anybody the code.)"},

    {MailKind::SendCode, "send_code", "code", R"(Your code to open a Send

Somebody shared something with you. Enter this code to open it:

{{code}}

If you did not ask for a code, you need not do anything.)"},

    {MailKind::EmergencyInvite, "send_emergency_access_invite", "grantor_name link",
     R"(Emergency contact for {{grantor_name}}

{{grantor_name}} wants you to be an emergency contact: somebody who may ask
for their vault when they cannot open it themselves.

Accept:
{{link}}

If you do not know {{grantor_name}}, you need not do anything.)"},

    {MailKind::EmergencyInviteAccepted, "emergency_access_invite_accepted", "grantee_email",
     R"({{grantee_email}} will be your emergency contact

{{grantee_email}} accepted to be your emergency contact. One step is left
for you: confirm them under emergency access in your account's settings.)"},

    {MailKind::EmergencyInviteConfirmed, "emergency_access_invite_confirmed", "grantor_name",
     R"(You are an emergency contact of {{grantor_name}}

{{grantor_name}} confirmed you as an emergency contact. In an emergency, ask
for access under emergency access in your account's settings.)"},

    {MailKind::EmergencyRecoveryInitiated, "emergency_access_recovery_initiated",
     "grantee_name access wait_days", R"({{grantee_name}} asks for your vault

{{grantee_name}}, an emergency contact of yours, asks for access to your
vault ({{access}}).

If you do nothing, access is given after {{wait_days}} days. You can allow
or refuse it before that, under emergency access in your account's settings.)"},

    {MailKind::EmergencyRecoveryReminder, "emergency_access_recovery_reminder",
     "grantee_name access days_left", R"({{grantee_name}} will soon have access to your vault

{{grantee_name}}, an emergency contact of yours, asked for access to your
vault ({{access}}) and will have it soon. Days left: {{days_left}}.

You can still allow or refuse it, under emergency access in your account's
settings.)"},

    {MailKind::EmergencyRecoveryApproved, "emergency_access_recovery_approved", "grantor_name",
     R"(You have access to the vault of {{grantor_name}}

Your request for emergency access to the vault of {{grantor_name}} was
granted. You find it under emergency access in your account's settings.)"},

    {MailKind::EmergencyRecoveryRejected, "emergency_access_recovery_rejected", "grantor_name",
     R"({{grantor_name}} refused your request

Your request for emergency access to the vault of {{grantor_name}} was
refused.)"},

    {MailKind::EmergencyRecoveryTimedOut, "emergency_access_recovery_timed_out",
     "grantee_name access", R"({{grantee_name}} has access to your vault now

The waiting time is over: {{grantee_name}}, an emergency contact of yours,
has access to your vault ({{access}}).

You can take it back under emergency access in your account's settings.)"},

    {MailKind::Test, "smtp_test", "", R"(Mail works

This is a test. Mail from this server arrives.)"},
};

constexpr bool isInOrder() {
  for (std::size_t i = 0; i < std::size(kTemplates); ++i) {
    if (static_cast<std::size_t>(kTemplates[i].kind) != i) return false;
  }
  return std::size(kTemplates) == static_cast<std::size_t>(MailKind::Test) + 1;
}
static_assert(isInOrder());

}  // namespace

std::span<const BuiltInTemplate> builtInTemplates() { return kTemplates; }

const BuiltInTemplate& builtInTemplate(MailKind kind) {
  return kTemplates[static_cast<std::size_t>(kind)];
}

}  // namespace coffer::vault
