"""
Runs in the interpreter of tests/requirements-moto.txt: serves AWS on a port of this machine, with signatures and policies
checked. Reads one line of JSON, {"secrets": {name: text}, "region"}; writes one line of JSON with URL and keys; ends with
its standard input.
"""

import json
import os
import sys

SETUP_ACTIONS = 7  # without the secrets

ask = json.loads(sys.stdin.readline())
# Actions beyond these, which set everything up, are refused unless they are signed and allowed.
os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = str(SETUP_ACTIONS + len(ask["secrets"]))

import boto3  # noqa: E402: as below
from moto.server import ThreadedMotoServer  # noqa: E402: reads the variable

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"


def client(service):
    return boto3.client(
        service, endpoint_url=url, region_name=ask["region"], aws_access_key_id="set", aws_secret_access_key="up"
    )


def policy(**allowed):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **part} for part in allowed.values()]})


iam = client("iam")
keys = {}
for user in ("loader", "stranger"):
    iam.create_user(UserName=user)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    keys[user] = {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
read = {"Action": ["secretsmanager:GetSecretValue", "secretsmanager:ListSecrets"], "Resource": "*"}  # moto knows no single secrets
trust = policy(trust={"Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"})
role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=policy(read=read))
assume = {"Action": "sts:AssumeRole", "Resource": role}
iam.put_user_policy(UserName="loader", PolicyName="read", PolicyDocument=policy(read=read, assume=assume))
vault = client("secretsmanager")
for name, text in ask["secrets"].items():
    vault.create_secret(Name=name, SecretString=text)

print(json.dumps({"url": url, "keys": keys, "role": role}), flush=True)
sys.stdin.read()
os._exit(0)  # stopping the server would wait for the connections that clients keep
