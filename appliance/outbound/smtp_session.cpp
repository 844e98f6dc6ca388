// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/outbound/smtp_session.h"

#include "appliance/base/bytes.h"
#include "appliance/outbound/mail_message.h"
#include "appliance/outbound/resolve.h"

#include <Poco/Exception.h>
#include <Poco/Net/MailStream.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <unistd.h>

namespace coffer::outbound {
namespace {

using namespace std::chrono_literals;
using Kind = MailFault::Kind;
using Reason = OutboundFault::Reason;

constexpr std::size_t kMaxReply = 64 * 1024;
constexpr std::size_t kMaxDetail = 500;
// What the server does with a message it has got (filters) may take longer than a command, and
// giving up too early delivers the mail twice (RFC 5321 section 4.5.3.2.6).
constexpr std::chrono::milliseconds kAcceptance = 120s;
constexpr std::chrono::milliseconds kFarewell = 2s;

[[noreturn]] void noWay(MailStep step, std::string detail, std::optional<Reason> reason = {}) {
  throw MailFault(Kind::NoWay, step, std::move(detail), reason);
}

// A server's words for the log: one line, of bounded length.
std::string oneLine(std::string_view text) {
  std::string out(text.substr(0, kMaxDetail));
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
  return out;
}

std::string machineName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name.front() == '\0') return "localhost";
  return name.data();
}

// As it stands in EHLO; a name that cannot stand there is replaced.
std::string helloName(const MailRoute& route) {
  const std::string name = route.helloName.empty() ? machineName() : route.helloName;
  const bool clean = name.size() <= 255 && std::all_of(name.begin(), name.end(),
                                                       [](char c) { return c > 0x20 && c < 0x7f; });
  return clean && !name.empty() ? name : "localhost";
}

}  // namespace

SmtpSession::SmtpSession(const MailRoute& route, std::stop_token stop) : route_(route) {
  connect(stop);
  if (route_.security == MailSecurity::Tls) startTls();
  reply(MailStep::Greet, 2);
  greet();
  if (route_.security == MailSecurity::StartTls) secure();
  if (!route_.user.empty()) logIn();
}

SmtpSession::~SmtpSession() {
  if (channel_->failure()) return;
  try {
    send(MailStep::Greet, "QUIT\r\n");
    reply(MailStep::Greet, 2, std::min(kFarewell, route_.timeout));
    channel_->finish();
  } catch (const Fault&) {
    return;  // The mails are delivered; how the server says goodbye is its own affair.
  }
}

void SmtpSession::connect(const std::stop_token& stop) {
  const Limit limit{std::chrono::steady_clock::now() + route_.timeout, stop};
  try {
    const auto addresses = resolve(&resolveBySystem, route_.host, Destinations::Any, limit);
    channel_ = new Channel(connectTo(addresses, effectivePort(route_), limit), limit);
  } catch (const OutboundFault& fault) {
    noWay(MailStep::Connect, fault.detail(), fault.reason());
  }
  channel_->beDialogue(kMaxReply);
  dialog_.emplace(Poco::Net::StreamSocket(channel_));
}

void SmtpSession::startTls() {
  extendDeadline(route_.timeout);
  try {
    channel_->startTls(*makeClientTls(route_.trust), route_.host);
  } catch (const OutboundFault& fault) {
    noWay(MailStep::Secure, fault.detail(), fault.reason());
  }
}

void SmtpSession::greet() {
  capabilities_ = command(MailStep::Greet, "EHLO " + helloName(route_)).text;
}

void SmtpSession::secure() {
  if (!offers("STARTTLS")) noWay(MailStep::Secure, "the server does not offer STARTTLS");
  const Reply go = command(MailStep::Secure, "STARTTLS");
  if (go.code != 220) noWay(MailStep::Secure, oneLine(go.text));
  startTls();
  // A fresh buffer: what somebody slipped in before TLS must not be taken for the server's.
  const Poco::Net::StreamSocket socket(*dialog_);
  dialog_.emplace(socket);
  greet();
}

void SmtpSession::logIn() {
  const std::string& password = route_.password.reveal();
  if (mayUse("plain")) {
    const std::string secret = std::string(1, '\0') + route_.user + std::string(1, '\0') + password;
    command(MailStep::Login, "AUTH PLAIN " + toBase64(secret));
  } else if (mayUse("login")) {
    command(MailStep::Login, "AUTH LOGIN", 3);
    command(MailStep::Login, toBase64(route_.user), 3);
    command(MailStep::Login, toBase64(password));
  } else {
    noWay(MailStep::Login,
          "the server offers no login that may be used; it says: " + oneLine(capabilities_));
  }
}

// Whether EHLO listed the keyword, and the argument among its arguments.
bool SmtpSession::offers(std::string_view keyword, std::string_view argument) const {
  std::istringstream lines(capabilities_);
  for (std::string line; std::getline(lines, line);) {
    if (line.size() < 4) continue;
    std::string words = line.substr(4);
    std::replace(words.begin(), words.end(), '=', ' ');  // "AUTH=PLAIN", as old servers wrote it.
    std::istringstream in(words);
    std::string word;
    if (!(in >> word) || !equalsIgnoringCase(word, keyword)) continue;
    if (argument.empty()) return true;
    while (in >> word) {
      if (equalsIgnoringCase(word, argument)) return true;
    }
  }
  return false;
}

bool SmtpSession::mayUse(std::string_view mechanism) const {
  const auto& allowed = route_.mechanisms;
  const bool isAllowed =
      allowed.empty() || std::any_of(allowed.begin(), allowed.end(), [&](const auto& name) {
        return equalsIgnoringCase(trim(name), mechanism);
      });
  return isAllowed && offers("AUTH", mechanism);
}

void SmtpSession::deliver(const std::string& from, const std::string& to,
                          const std::string& message) {
  if (!isMailAddress(from)) {
    throw MailFault(Kind::NoWay, MailStep::Sender, "\"" + oneLine(from) + "\" is no mail address");
  }
  if (!isMailAddress(to)) {
    throw MailFault(Kind::Refused, MailStep::Recipient,
                    "\"" + oneLine(to) + "\" is no address that mail can be sent to");
  }
  if (needsReset_) command(MailStep::Sender, "RSET");
  needsReset_ = true;
  command(MailStep::Sender, "MAIL FROM:<" + from + ">");
  command(MailStep::Recipient, "RCPT TO:<" + to + ">");
  command(MailStep::Message, "DATA", 3);
  std::ostringstream stuffed;
  Poco::Net::MailOutputStream out(stuffed);
  out << message;
  out.close();
  send(MailStep::Message, stuffed.str());
  reply(MailStep::Message, 2, std::max(kAcceptance, route_.timeout));
  needsReset_ = false;
}

SmtpSession::Reply SmtpSession::command(MailStep step, const std::string& line, int expected) {
  send(step, line + "\r\n");
  return reply(step, expected);
}

void SmtpSession::send(MailStep step, const std::string& bytes) {
  extendDeadline(route_.timeout);
  try {
    dialog_->sendString(bytes);
  } catch (const Poco::Exception&) {
    rethrowFailure(step);
  }
}

SmtpSession::Reply SmtpSession::reply(MailStep step, int expected,
                                      std::chrono::milliseconds patience) {
  extendDeadline(patience);
  Reply reply;
  try {
    reply.code = dialog_->receiveStatusMessage(reply.text);
  } catch (const Poco::Exception&) {
    rethrowFailure(step);
  }
  if (reply.code / 100 == expected) return reply;
  const std::string said = reply.text.empty() ? "nothing that is SMTP" : oneLine(reply.text);
  const bool isAboutMail = step == MailStep::Recipient || step == MailStep::Message;
  // 421: the server is closing down.
  if (!isAboutMail || reply.code == 421) noWay(step, said);
  throw MailFault(reply.code / 100 == 5 ? Kind::Refused : Kind::Later, step, said);
}

void SmtpSession::extendDeadline(std::chrono::milliseconds by) {
  channel_->setDeadline(std::chrono::steady_clock::now() + by);
}

void SmtpSession::rethrowFailure(MailStep step) const {
  if (const auto& failure = channel_->failure()) noWay(step, failure->detail(), failure->reason());
  noWay(step, "the server does not speak SMTP", Reason::Protocol);
}

}  // namespace coffer::outbound
