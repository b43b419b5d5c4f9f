import pulumi
import pulumi_nas_registry as nas

config = pulumi.Config()

registry = nas.NasRegistry(
    "registry",
    vendor=nas.NasVendor.SYNOLOGY,
    connection={
        "host": "diskstation.local",
        "host_key": config.require("hostKey"),
    },
    certificate_names=["192.168.1.20"],
    memory="512m",
)

pulumi.export("url", registry.url)
pulumi.export("password", registry.password)  # a secret
