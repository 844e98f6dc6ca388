#!/bin/sh
# Starts the stand-in for rest-server with what the variables of restic/rest-server's image say:
#   DATA_DIRECTORY          where the repositories are (/data)
#   PASSWORD_FILE           users and their hashes (/data/.htpasswd)
#   DISABLE_AUTHENTICATION  anything but empty: nobody is asked for a password
#   OPTIONS                 more flags, split at blanks; they win
set -e

data=${DATA_DIRECTORY:-/data}
passwords=${PASSWORD_FILE:-/data/.htpasswd}

if [ -n "$DISABLE_AUTHENTICATION" ]; then
  set -- --no-auth
else
  set --
  if [ ! -f "$passwords" ]; then
    (umask 027 && : >"$passwords")
  fi
  if [ ! -s "$passwords" ]; then
    echo
    # shellcheck disable=SC2016 # The text names the variable on purpose.
    echo '**WARNING** No user exists, please '\''docker exec -it $CONTAINER_ID create_user'\'''
    echo
  fi
fi

# shellcheck disable=SC2086 # OPTIONS holds several flags.
exec rest-server "$@" --path "$data" --htpasswd-file "$passwords" $OPTIONS
