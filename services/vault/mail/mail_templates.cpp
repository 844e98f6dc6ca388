// SPDX-License-Identifier: BSD-2-Clause
#include "services/vault/mail/mail_templates.h"

#include "appliance/base/bytes.h"
#include "appliance/base/fault.h"
#include "services/vault/mail/built_in_templates.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <kainjow/mustache.hpp>
#include <set>
#include <sstream>

namespace coffer::vault {
namespace {

namespace mustache = kainjow::mustache;

constexpr std::uintmax_t kMaxFile = 256 * 1024;

// Both colour schemes are the reader's own; only the button brings its colours along.
constexpr const char* kPageStart = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{subject}}</title>
</head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Arial,sans-serif">
<div style="max-width:36em;margin:0 auto;overflow-wrap:break-word">
<h1 style="font-size:20px;line-height:1.3;margin:0 0 16px">{{subject}}</h1>
)";
constexpr const char* kPageEnd = R"(</div>
</body>
</html>
)";
constexpr const char* kHtmlFooter =
    R"({{#url}}<p style="margin:32px 0 0;font-size:14px">Your vault: <a href="{{url}}">{{url}}</a></p>
{{/url}})";
constexpr const char* kTextFooter = "{{#url}}\n-- \nYour vault: {{url}}\n{{/url}}";

using Values = std::set<std::string>;

Values valuesOf(const BuiltInTemplate& row) {
  Values names{"url"};
  std::istringstream in(row.values);
  for (std::string name; in >> name;) names.insert(name);
  return names;
}

// Why `text` cannot be a template that takes `values`; "" when it can.
std::string problemOf(const std::string& text, const Values& values) {
  if (!isUtf8(text)) return "it is not UTF-8";
  for (std::size_t at = 0; (at = text.find("{{", at)) != std::string::npos;) {
    const auto end = text.find("}}", at);
    if (end == std::string::npos) return "a tag is not closed";
    std::string tag = text.substr(at + 2, end - at - 2);
    at = end + 2;
    if (tag.starts_with('!')) continue;
    if (!tag.empty() && std::string_view("{&>=").find(tag.front()) != std::string_view::npos) {
      return "{{" + tag.substr(0, 1) + " is not available";
    }
    if (!tag.empty() && std::string_view("#^/").find(tag.front()) != std::string_view::npos) {
      tag.erase(0, 1);
    }
    const std::string name(trim(tag));
    if (!values.contains(name)) {
      std::string known;
      for (const auto& value : values) known += " " + value;
      return "there is no value \"" + name + "\"; there are:" + known;
    }
  }
  const mustache::mustache parsed(text);
  return parsed.is_valid() ? "" : parsed.error_message();
}

std::string readTemplate(const std::filesystem::path& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  std::ifstream in(path, std::ios::binary);
  if (error || !in) throw UsageError("mail.templates: " + path.string() + " cannot be read");
  if (size > kMaxFile) throw UsageError("mail.templates: " + path.string() + " is too large");
  std::string text{std::istreambuf_iterator<char>(in), {}};
  std::erase(text, '\r');
  return text;
}

const BuiltInTemplate* findByName(std::string_view name) {
  for (const auto& row : builtInTemplates()) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

std::string render(const std::string& text, const mustache::data& data, bool isHtml) {
  mustache::mustache parsed(text);
  if (!isHtml) parsed.set_custom_escape([](const std::string& value) { return value; });
  return parsed.render(data);
}

// Unicode's own controls and separators of lines and paragraphs, and the marks that turn the
// direction of what stands around them: U+0080 to U+009F, U+2028 to U+202E, U+2066 to U+2069.
std::size_t sizeOfUnicodeControl(std::string_view text) {
  const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() >= 2 && byte(0) == 0xc2 && byte(1) < 0xa0) return 2;
  if (text.size() < 3 || byte(0) != 0xe2) return 0;
  const bool isSeparator = byte(1) == 0x80 && byte(2) >= 0xa8 && byte(2) <= 0xae;
  const bool isIsolate = byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9;
  return isSeparator || isIsolate ? 3 : 0;
}

// A value must not look like a part of the mail: no lines of its own, nothing that turns others
// round.
std::string oneLine(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto c = static_cast<unsigned char>(text.front());
    const std::size_t control = c < 0x20 || c == 0x7f ? 1 : sizeOfUnicodeControl(text);
    out += control > 0 ? ' ' : text.front();
    text.remove_prefix(std::max<std::size_t>(control, 1));
  }
  return out;
}

bool isList(const std::string& paragraph) {
  std::istringstream in(paragraph);
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("- ")) return false;
  }
  return true;
}

std::string htmlList(const std::string& paragraph) {
  std::string out = "<ul>\n";
  std::istringstream in(paragraph);
  for (std::string line; std::getline(in, line);) out += "<li>" + line.substr(2) + "</li>\n";
  return out + "</ul>\n";
}

std::string htmlParagraph(const std::string& paragraph) {
  if (paragraph == "{{code}}") {
    return R"(<p style="font:bold 28px/1.3 ui-monospace,Menlo,Consolas,monospace;letter-spacing:4px">)" +
           paragraph + "</p>\n";
  }
  if (paragraph == "{{hint}}") {
    return R"(<blockquote style="margin:16px 0;padding:8px 16px;border-left:4px solid #888">)" +
           paragraph + "</blockquote>\n";
  }
  constexpr std::string_view kLink = "{{link}}";
  if (const auto line = paragraph.rfind("\n" + std::string(kLink));
      line != std::string::npos && paragraph.ends_with(kLink)) {
    std::string label = paragraph.substr(0, line);
    if (label.ends_with(':')) label.pop_back();
    return R"(<p><a href="{{link}}" style="display:inline-block;padding:10px 20px;border-radius:6px;)"
           R"(background:#0b57a4;color:#fff;text-decoration:none;font-weight:bold">)" +
           label + "</a></p>\n<p style=\"font-size:14px\">{{link}}</p>\n";
  }
  return isList(paragraph) ? htmlList(paragraph) : "<p>" + paragraph + "</p>\n";
}

// The HTML template that the paragraphs of a text template make.
std::string htmlOf(const std::string& body) {
  std::string html = kPageStart;
  for (std::size_t start = 0; start < body.size();) {
    const auto end = std::min(body.find("\n\n", start), body.size());
    const std::string paragraph(trim(body.substr(start, end - start)));
    if (!paragraph.empty()) html += htmlParagraph(paragraph);
    start = end + 2;
  }
  return html + kHtmlFooter + kPageEnd;
}

[[noreturn]] void wrongValues(const Mail& mail) {
  throw Fault(FaultKind::Internal, "Internal error.",
              std::string("wrong values for the mail ") + builtInTemplate(mail.kind).name);
}

mustache::data dataOf(const Mail& mail, const std::string& url) {
  mustache::data data;
  Values missing = valuesOf(builtInTemplate(mail.kind));
  missing.erase("url");
  for (const auto& [name, value] : mail.values) {
    if (missing.erase(name) == 0) wrongValues(mail);
    data.set(name, oneLine(value));
  }
  if (!missing.empty()) wrongValues(mail);
  if (!url.empty()) data.set("url", url);
  return data;
}

}  // namespace

MailTemplates::MailTemplates(const std::string& folder) {
  if (folder.empty()) return;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const auto& path = entry.path();
    const std::string extension = path.extension().string();
    if (extension != ".txt" && extension != ".html") continue;
    const BuiltInTemplate* row = findByName(path.stem().string());
    if (row == nullptr) {
      throw UsageError("mail.templates: " + path.string() + ": there is no mail of that name");
    }
    std::string text = readTemplate(path);
    Values values = valuesOf(*row);
    if (extension == ".html") values.insert("subject");
    if (const auto problem = problemOf(text, values); !problem.empty()) {
      throw UsageError("mail.templates: " + path.string() + ": " + problem);
    }
    replaced_[path.filename().string()] = std::move(text);
  }
  if (error) throw UsageError("mail.templates: " + folder + ": " + error.message());
}

MailText MailTemplates::render(const Mail& mail, const std::string& url) const {
  const BuiltInTemplate& row = builtInTemplate(mail.kind);
  const auto replacedText = replaced_.find(std::string(row.name) + ".txt");
  const std::string text = replacedText == replaced_.end() ? row.text : replacedText->second;
  const auto firstLine = std::min(text.find('\n'), text.size());
  const std::string body(trim(std::string_view(text).substr(firstLine)));

  mustache::data data = dataOf(mail, url);
  MailText out;
  out.subject = trim(vault::render(text.substr(0, firstLine), data, false));
  out.plain = vault::render(body + "\n" + kTextFooter, data, false);
  data.set("subject", out.subject);
  const auto replacedHtml = replaced_.find(std::string(row.name) + ".html");
  out.html = vault::render(replacedHtml == replaced_.end() ? htmlOf(body) : replacedHtml->second,
                           data, true);
  return out;
}

}  // namespace coffer::vault
