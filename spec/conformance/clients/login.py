# Include system libraries
import sys # standard python libs
import json # for parsing api responses
import getpass # for secure password entry
import requests # Requests HTTP library for Python
# http://python-requests.org/en/master/

# Prompt for username and password
usr = input("Username: ")
pwd = getpass.getpass()

# The URL where we will post username and password credentials
u0 = "https://www2.1010data.com/beta-latest/api/!login:json"

# Send the POST request to the Dynamic API
r = requests.post(u0, data=dict(uid=usr, pw=pwd), verify=True)

# Decode the result so the sid and epw values may be stored and used in subsequent calls
body = r.content.decode('utf-8')
d = json.loads(body)
session = dict(uid=usr, sid=int(d['sid']), epw=d['epw'])

# Use the new session credentials to create a cookie, used in subsequent requests
mycookie = {"session": "{uid}|{sid}|{epw}".format(**session)}

# Display the session ID
print("sessionID secured.\nsession cookie=:" + str(mycookie))
