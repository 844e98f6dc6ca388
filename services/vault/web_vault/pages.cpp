// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/web_vault/pages.h"

#include "appliance/base/bytes.h"
#include "appliance/base/digest.h"

#include <utility>
#include <vector>

namespace coffer::vault {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --text: #1c2330; --quiet: #586174; --page: #f6f7f9;
  --card: #fff; --line: #d9dee6; --mark: #175ddc; }
@media (prefers-color-scheme: dark) { :root { --text: #e6e9ef; --quiet: #a3acbd; --page: #14171d;
  --card: #1d222b; --line: #353c49; --mark: #7aa7ff; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem 1rem 4rem; background: var(--page); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; }
main { max-width: 44rem; margin: 0 auto; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; }
h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
p { margin: .5rem 0; }
ol { margin: .5rem 0; padding-left: 1.4rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
  padding: 1rem 1.25rem; margin: 1rem 0; }
.quiet { color: var(--quiet); }
a { color: var(--mark); }
code, kbd { font: .95em ui-monospace, monospace; }
kbd { display: block; padding: .5rem .75rem; margin: .4rem 0; border: 1px solid var(--line);
  border-radius: .4rem; background: var(--page); overflow-wrap: anywhere; white-space: pre-wrap;
  user-select: all; -webkit-user-select: all; }
)";

// What stands in braces is filled in.
constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="robots" content="noindex" />
<link rel="icon" href="data:," />
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
)";

constexpr std::string_view kStart = R"(<h1>Coffer</h1>
<p class="quiet">Version {version} is running here.
<a href="alive">Is it well?</a> Then it answers with the time.</p>
<section>
<h2>This is a password vault</h2>
<p>It speaks with the official Bitwarden applications. Each of them asks where its server is; this
is the address (one click marks all of it):</p>
<kbd>{url}</kbd>
</section>
<section>
<h2>Browser extension, desktop and phone</h2>
<ol>
<li>Before you log in, open the list behind <b>Accessing</b> (or <b>Logging in on</b>) and choose
<b>Self-hosted</b>.</li>
<li>Put the address above into <b>Server URL</b> and save. The other fields stay empty.</li>
<li>Log in, or create your account if the owner of this box lets you.</li>
</ol>
<p class="quiet">The applications want HTTPS with a certificate that the device believes. If one says
that it cannot connect, open this page on the same device first: a warning there means that the
authority of this box has to be installed on the device.</p>
</section>
<section>
<h2>Command line</h2>
<kbd>bw config server {url}</kbd>
<kbd>bw login</kbd>
</section>
<section>
<h2>In the browser, without an application</h2>
<p>No web vault is installed on this box. Its owner can add one: a release of the Bitwarden web
application, packed as <code>.tar.gz</code>.</p>
<kbd>coffer vault web-vault install FILE</kbd>
<p>It takes the place of this page at once.</p>
</section>
)";

constexpr std::string_view kNotFound = R"(<h1>Not found</h1>
<p>There is nothing at this address.</p>
<p><a href="{home}">To the start</a></p>
)";

constexpr std::string_view kFoot = R"(</main>
</body>
</html>
)";

using Values = std::vector<std::pair<std::string_view, std::string>>;

std::string filled(std::string_view text, const Values& values) {
  std::string out(text);
  for (const auto& [name, value] : values) {
    for (auto at = out.find(name); at != std::string::npos; at = out.find(name, at)) {
      out.replace(at, name.size(), value);
      at += value.size();
    }
  }
  return out;
}

// Nothing but the one style, which its hash names.
const std::string& policy() {
  static const std::string text =
      "default-src 'none'; style-src 'sha256-" + toBase64(sha256(kStyle)) +
      "'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return text;
}

http::Response page(int status, std::string_view title, const std::string& content) {
  std::string html =
      filled(kHead, {{"{title}", std::string(title)}, {"{style}", std::string(kStyle)}});
  html += content;
  html += kFoot;
  return http::Response::text(status, std::move(html), "text/html; charset=utf-8")
      .header("Content-Security-Policy", policy())
      .header("X-Frame-Options", "DENY");
}

}  // namespace

http::Response startPage(std::string_view vaultUrl) {
  return page(200, "Coffer",
              filled(kStart, {{"{url}", escapedForHtml(vaultUrl)}, {"{version}", COFFER_VERSION}}));
}

http::Response notFoundPage(std::string_view home) {
  return page(404, "Not found", filled(kNotFound, {{"{home}", escapedForHtml(home)}}));
}

std::string escapedForHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace coffer::vault
