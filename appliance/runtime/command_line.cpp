// SPDX-License-Identifier: BSD-2-Clause
#include "appliance/runtime/command_line.h"

#include "appliance/base/fault.h"
#include "appliance/runtime/commands.h"
#include "appliance/runtime/process.h"
#include "appliance/runtime/rest_server.h"
#include "config/fields.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>

namespace coffer::runtime {
namespace {

// What the command line says. It outlives the parser, whose memory a server has no use for.
struct Inputs {
  SettingsInput settings;
  ServeOptions serve;
  HealthcheckOptions health;
  ResticUserOptions resticUser;
  VaultUserOptions vaultUser;
  WebVaultInstallOptions webVault;
  std::string repository;
  std::string job;
  std::string address;
  bool json = false;
  bool sample = false;
  bool confirmed = false;
};

using Action = std::function<int(const Inputs&)>;

// Reads the command line into `inputs`.
class CommandLine {
 public:
  explicit CommandLine(Inputs& inputs) : in_(inputs) { build(); }

  // Throws CLI::ParseError, also for --help.
  Action parse(int argc, char** argv) {
    app_.parse(argc, argv);
    return action_;
  }
  int report(const CLI::ParseError& e) {
    const int code = app_.exit(e);
    return code == 0 ? 0 : 2;
  }

 private:
  enum class SettingFlags { Shown, Hidden };

  void build() {
    app_.require_subcommand(1);
    app_.get_formatter()->column_width(44);
    app_.failure_message([](const CLI::App* app, const CLI::Error& e) {
      return std::string("error: ") + e.what() + "\nSee " + app->get_name() + " --help.\n";
    });
    app_.footer(
        "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no such user or repository.\n"
        "Called as rest-server, it takes restic rest-server's flags: coffer rest-server --help.");
    buildServe();
    buildConfig();
    buildRestic();
    buildVault();
    buildJobs();
    buildMail();
    buildOthers();
  }

  CLI::App* command(CLI::App* parent, const std::string& name, const std::string& help,
                    const std::string& footer, Action action,
                    SettingFlags flags = SettingFlags::Hidden) {
    CLI::App* sub = parent->add_subcommand(name, help);
    sub->footer(footer);
    // Seventy-odd options for each of the commands would be built for nothing: only the one that
    // was named gets them, just before its arguments are read.
    sub->preparse_callback([this, sub, flags](std::size_t) { addSettings(sub, flags); });
    sub->callback([this, action] { action_ = action; });
    return sub;
  }

  CLI::App* group(const std::string& name, const std::string& help) {
    CLI::App* sub = app_.add_subcommand(name, help);
    sub->require_subcommand(1);
    return sub;
  }

  void addSettings(CLI::App* sub, SettingFlags flags) {
    sub->add_option("--config", in_.settings.file,
                    "Configuration file (else $COFFER_CONFIG, DATA_DIR/coffer.yaml,\n"
                    "/etc/coffer/coffer.yaml)")
        ->type_name("FILE");
    for (const auto& field : config::describeFields()) addSetting(sub, field, flags);
  }

  void addSetting(CLI::App* sub, const config::FieldDescription& field, SettingFlags flags) {
    const bool isCommon = field.path == "data_dir";
    const std::string group = flags == SettingFlags::Hidden && !isCommon ? ""
                              : isCommon
                                  ? "Options"
                                  : "Settings: " + (field.group.empty() ? "general" : field.group);
    std::string names = field.flag;
    if (field.path == "listeners") names = "--listen,--listeners";
    if (field.path == "restic.htpasswd_file" && flags == SettingFlags::Hidden) {
      names += ",--htpasswd-file";
    }
    const auto take = [this, path = field.path](const std::string& text) {
      in_.settings.flags.push_back({path, text});
    };
    const std::string help = field.help + about(field);
    CLI::Option* option = nullptr;
    if (field.isSwitch) {
      option = sub->add_flag_function(
          names, [take](std::int64_t count) { take(count > 0 ? "true" : "false"); }, help);
    } else {
      option = sub->add_option(
          names,
          [take](const std::vector<std::string>& all) {
            for (const auto& text : all) take(text);
            return true;
          },
          help);
      option->type_name(field.path == "listeners" ? "URL" : "VALUE");
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
    option->group(group);
  }

  static std::string about(const config::FieldDescription& field) {
    if (field.isSwitch) return field.defaultText == "true" ? " [on]" : "";
    if (field.isSecret) return " The flag names a file that holds it.";
    return field.defaultText.empty() ? "" : " [" + field.defaultText + "]";
  }

  void addPassword(CLI::App* sub, PasswordSource& source) {
    sub->add_flag("--password-stdin", source.standardInput,
                  "Read the password from standard input instead of asking on the terminal");
  }
  void addJson(CLI::App* sub) { sub->add_flag("--json", in_.json, "Print JSON"); }

  void buildServe();
  void buildConfig();
  void buildRestic();
  void buildVault();
  void buildWebVault(CLI::App* parent);
  void buildJobs();
  void buildMail();
  void buildOthers();

  CLI::App app_{"Coffer: passwords and backups on one small box that you own.", "coffer"};
  Action action_;

  Inputs& in_;
};

void CommandLine::buildServe() {
  CLI::App* sub = command(
      &app_, "serve", "Run the appliance until SIGTERM",
      "Examples:\n"
      "  coffer serve --data-dir ./data\n"
      "  coffer serve --data-dir ./data --listen https://0.0.0.0:8443 --listen unix:/run/coffer\n"
      "  coffer serve --config /etc/coffer/coffer.yaml\n\n"
      "A URL is https://HOST:PORT, http://HOST:PORT or unix:PATH; port 0 takes a free one.\n"
      "SIGHUP reads certificates, password files and the acl.toml again and reopens the logs.",
      [](const Inputs& in) { return serve(in.settings, in.serve); }, SettingFlags::Shown);
  sub->add_flag("--first-steps", in_.serve.firstSteps,
                "Tell where things are and what to do first, even when there are users already");
}

void CommandLine::buildConfig() {
  CLI::App* parent = group("config", "Check, show and explain the settings");
  command(parent, "check", "Say everything that is wrong with the configuration",
          "Example:\n  coffer config check --config coffer.yaml",
          [](const Inputs& in) { return configCheck(in.settings); });
  command(parent, "show", "Print every setting and where it comes from; secrets as ***",
          "Example:\n  coffer config show --data-dir ./data",
          [](const Inputs& in) { return configShow(in.settings); });
  CLI::App* reference = command(parent, "reference", "Print the page that explains every setting",
                                "Example:\n  coffer config reference --sample > coffer.yaml",
                                [](const Inputs& in) { return configReference(in.sample); });
  reference->add_flag("--sample", in_.sample,
                      "Print a configuration file instead, everything at its default");
}

void CommandLine::buildRestic() {
  CLI::App* parent = group("restic", "Users and repositories of the backup service");
  CLI::App* users = parent->add_subcommand("user", "Users in the htpasswd file");
  users->require_subcommand(1);
  const auto user = [&](const char* name, const char* help, const char* footer, Action action) {
    CLI::App* sub = command(users, name, help, footer, std::move(action));
    sub->add_option("name", in_.resticUser.name, "The user")->required()->type_name("NAME");
    return sub;
  };
  CLI::App* add = user("add", "Add a user, who may log in at once",
                       "Examples:\n  coffer restic user add laptop --data-dir ./data\n"
                       "  pwgen 20 1 | coffer restic user add laptop --password-stdin",
                       [](const Inputs& in) { return resticUserAdd(in.settings, in.resticUser); });
  addPassword(add, in_.resticUser.password);
  add->add_flag("--replace", in_.resticUser.replace, "Give a user who exists the new password");
  user("remove", "Remove a user; repositories stay", "Example:\n  coffer restic user remove laptop",
       [](const Inputs& in) { return resticUserRemove(in.settings, in.resticUser.name); });
  addPassword(user("verify", "Check a password: exit code 0 right, 1 wrong, 3 no such user",
                   "Example:\n  coffer restic user verify laptop",
                   [](const Inputs& in) { return resticUserVerify(in.settings, in.resticUser); }),
              in_.resticUser.password);
  addJson(command(users, "list", "List users and how their passwords are hashed",
                  "Example:\n  coffer restic user list --json",
                  [](const Inputs& in) { return resticUserList(in.settings, in.json); }));

  CLI::App* repositories = parent->add_subcommand("repository", "What is stored");
  repositories->require_subcommand(1);
  addJson(command(repositories, "list", "List repositories with their sizes",
                  "Example:\n  coffer restic repository list --data-dir ./data",
                  [](const Inputs& in) { return resticRepositoryList(in.settings, in.json); }));
  CLI::App* stat = command(
      repositories, "stat", "Objects, bytes, newest snapshot and quota",
      "Example:\n  coffer restic repository stat alice/laptop --json",
      [](const Inputs& in) { return resticRepositoryStat(in.settings, in.repository, in.json); });
  stat->add_option("repository", in_.repository, "Its name, such as alice/laptop; / is the root")
      ->required()
      ->type_name("NAME");
  addJson(stat);
}

void CommandLine::buildVault() {
  CLI::App* parent = group("vault", "Accounts of the password service");
  CLI::App* users = parent->add_subcommand("user", "Accounts");
  users->require_subcommand(1);
  const auto user = [&](const char* name, const char* help, const char* footer, Action action) {
    CLI::App* sub = command(users, name, help, footer, std::move(action));
    sub->add_option("email", in_.vaultUser.email, "Address of the account")
        ->required()
        ->type_name("EMAIL");
    return sub;
  };
  CLI::App* add = user("add", "Make an account whose keys are derived here, as a client would",
                       "The master password cannot be recovered: nobody but you knows it.\n"
                       "Example:\n  coffer vault user add you@example.org --data-dir ./data",
                       [](const Inputs& in) { return vaultUserAdd(in.settings, in.vaultUser); });
  addPassword(add, in_.vaultUser.password);
  add->add_option("--name", in_.vaultUser.name, "Name shown by clients")->type_name("NAME");
  add->add_option("--kdf", in_.vaultUser.kdf, "How clients derive the key [pbkdf2]")
      ->check(CLI::IsMember({"pbkdf2", "argon2id"}))
      ->type_name("pbkdf2|argon2id");
  user("invite", "Let somebody make their own account, although sign-up is not open to all",
       "Tell them the address of this server: registering there is all they need to do.\n"
       "Example:\n  coffer vault user invite friend@example.org",
       [](const Inputs& in) { return vaultUserInvite(in.settings, in.vaultUser.email); });
  user("uninvite", "Take an invitation back that nobody has followed yet",
       "Example:\n  coffer vault user uninvite friend@example.org",
       [](const Inputs& in) { return vaultUserUninvite(in.settings, in.vaultUser.email); });
  addJson(command(users, "list", "List accounts", "Example:\n  coffer vault user list --json",
                  [](const Inputs& in) { return vaultUserList(in.settings, in.json); }));
  user("disable", "Refuse every login and every running session of an account",
       "Example:\n  coffer vault user disable you@example.org",
       [](const Inputs& in) { return vaultUserEnable(in.settings, in.vaultUser.email, false); });
  user("enable", "Let a disabled account in again",
       "Example:\n  coffer vault user enable you@example.org",
       [](const Inputs& in) { return vaultUserEnable(in.settings, in.vaultUser.email, true); });
  user("remove-factors", "Remove every second factor of somebody who has lost theirs",
       "Make sure who is asking: the master password alone opens the vault afterwards.\n"
       "Example:\n  coffer vault user remove-factors you@example.org",
       [](const Inputs& in) { return vaultUserRemoveFactors(in.settings, in.vaultUser.email); });
  CLI::App* remove =
      user("delete", "Delete an account with everything in it, for good",
           "Example:\n  coffer vault user delete you@example.org --yes", [](const Inputs& in) {
             return vaultUserDelete(in.settings, in.vaultUser.email, in.confirmed);
           });
  remove->add_flag("--yes", in_.confirmed, "Do not ask");
  buildWebVault(parent);
}

void CommandLine::buildWebVault(CLI::App* parent) {
  CLI::App* group =
      parent->add_subcommand("web-vault", "The web application, which the vault shows");
  group->require_subcommand(1);
  CLI::App* install =
      command(group, "install", "Put a release of the web application where the vault finds it",
              "A release is a .tar.gz, .tar.xz or .zip with an index.html in it. One that is there "
              "already\n"
              "is replaced at once; the server need not be restarted.\n"
              "Examples:\n  coffer vault web-vault install bw_web_v2026.6.0.tar.gz\n"
              "  coffer vault web-vault install https://example.org/web-vault.tar.gz --sha256 HEX",
              [](const Inputs& in) { return webVaultInstall(in.settings, in.webVault); });
  install->add_option("source", in_.webVault.source, "The release")
      ->required()
      ->type_name("FILE|URL");
  install->add_option("--sha256", in_.webVault.sha256, "Install only what has this checksum")
      ->type_name("HEX");
  install->add_flag("--yes", in_.webVault.confirmed, "Do not ask whether the checksum is right");
  command(group, "status", "Tell which web application is installed",
          "Example:\n  coffer vault web-vault status",
          [](const Inputs& in) { return webVaultStatus(in.settings); });
  command(group, "remove", "Remove it; the vault shows a page of its own again",
          "Example:\n  coffer vault web-vault remove --yes",
          [](const Inputs& in) { return webVaultRemove(in.settings, in.confirmed); })
      ->add_flag("--yes", in_.confirmed, "Do not ask");
}

void CommandLine::buildJobs() {
  CLI::App* parent = group("jobs", "Work that is done by the clock");
  addJson(command(parent, "list", "What is done, and when next",
                  "Example:\n  coffer jobs list --data-dir ./data",
                  [](const Inputs& in) { return jobList(in.settings, in.json); }));
  command(parent, "run", "Do one piece of it now, beside a running server",
          "Example:\n  coffer jobs run purge-sends --data-dir ./data",
          [](const Inputs& in) { return jobRun(in.settings, in.job); })
      ->add_option("job", in_.job, "Its name")
      ->required()
      ->type_name("NAME");
}

void CommandLine::buildMail() {
  CLI::App* parent = group("mail", "Mail on its way out");
  command(parent, "test", "Send a mail now, and say what is wrong when it cannot be sent",
          "Example:\n  coffer mail test you@example.org --config /etc/coffer/coffer.yaml",
          [](const Inputs& in) { return mailTest(in.settings, in.address); })
      ->add_option("address", in_.address, "Where to")
      ->required()
      ->type_name("ADDRESS");
  addJson(command(parent, "queue", "List mails that wait, and why",
                  "Example:\n  coffer mail queue --data-dir ./data",
                  [](const Inputs& in) { return mailQueue(in.settings, in.json); }));
  command(parent, "retry", "Let a running server try all of them again now",
          "Example:\n  coffer mail retry --data-dir ./data",
          [](const Inputs& in) { return mailRetry(in.settings); });
}

void CommandLine::buildOthers() {
  addJson(command(&app_, "check", "Check that the vault's database and files are whole",
                  "Examples:\n  coffer check --data-dir ./data\n  coffer check --json\n\n"
                  "Reads the database from end to end and compares what it says about files of\n"
                  "attachments and Sends with the disk: files that are missing, have another size\n"
                  "or belong to nothing. Changes nothing and may run beside a server. Exit status\n"
                  "1 when something is wrong.",
                  [](const Inputs& in) { return check(in.settings, in.json); }));
  addJson(command(&app_, "routes", "List what can be asked for, by whom, and how large it may be",
                  "Examples:\n  coffer routes\n  coffer routes --json",
                  [](const Inputs& in) { return routes(in.settings, in.json); }));
  CLI::App* health = command(&app_, "healthcheck", "Ask a running server whether it is well",
                             "Exit code 0 when it is. Examples:\n"
                             "  coffer healthcheck --data-dir /var/lib/coffer\n"
                             "  coffer healthcheck --url http://127.0.0.1:8000/healthz",
                             [](const Inputs& in) { return healthcheck(in.settings, in.health); });
  health->add_option("--url", in_.health.url, "Ask there instead of at the first listener")
      ->type_name("URL");
  app_.add_subcommand("version", "Print the version")->callback([this] {
    action_ = [](const Inputs&) {
      std::cout << "coffer " COFFER_VERSION "\n";
      return 0;
    };
  });
}

int runCoffer(int argc, char** argv) {
  Inputs inputs;
  Action action;
  auto line = std::make_unique<CommandLine>(inputs);
  try {
    action = line->parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return line->report(e);
  }
  line.reset();
  inputs.serve.program = argv[0];
  return action(inputs);
}

}  // namespace

int run(int argc, char** argv) {
  limitMemory();
  prepareProcess();
  try {
    const std::string name = argc > 0 ? std::filesystem::path(argv[0]).filename().string() : "";
    const bool isSubcommand = argc > 1 && std::string_view(argv[1]) == "rest-server";
    if (name == "rest-server" || isSubcommand) {
      return restServer(std::vector<std::string>(argv + (isSubcommand ? 2 : 1), argv + argc));
    }
    return runCoffer(argc, argv);
  } catch (const UsageError& e) {
    std::cerr << "error: " << e.what() << "\n";
    return e.exitCode();
  } catch (const std::exception& e) {
    std::cerr << "error: " << e.what() << "\n";
    return 1;
  }
}

}  // namespace coffer::runtime
