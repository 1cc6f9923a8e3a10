"""PyPI's wechatpayv3 with the sandbox's address in place of the one that it has built in. Nothing else is changed."""
import os
import unittest.mock

import wechatpayv3
import wechatpayv3.core

# The client's HTTP library would send even this through a proxy that the environment names.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


def arguments(sandbox, merchant, public_key, **changes):
    """What a wechatpayv3.WeChatPay takes; with `public_key` it knows WeChat by that, otherwise by certificates."""
    keys = {}
    if public_key:
        keys = {"public_key": sandbox.pem(merchant, "public_key"), "public_key_id": merchant["public_key_id"]}
    return {
        "wechatpay_type": wechatpayv3.WeChatPayType.MINIPROG, "mchid": merchant["mchid"], "appid": merchant["appid"],
        "private_key": sandbox.pem(merchant, "private_key"), "cert_serial_no": merchant["serial_no"],
        "apiv3_key": merchant["api_v3_key"], "timeout": (10, 30), **keys, **changes,
    }


def local_client(sandbox, merchant, public_key, **changes):
    """A wechatpayv3 client for a merchant of a running sandbox."""

    class LocalCore(wechatpayv3.core.Core):
        @property
        def _gate_way(self):
            return sandbox.url

        @_gate_way.setter
        def _gate_way(self, _):
            pass

    with unittest.mock.patch("wechatpayv3.core.Core", LocalCore):
        return wechatpayv3.WeChatPay(**arguments(sandbox, merchant, public_key, **changes))
