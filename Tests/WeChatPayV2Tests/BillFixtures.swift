/// Bills as API v2 sends them: no byte order mark, backticks before values.
enum BillFixtures {
    static let trade = [
        "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币"
            + "种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户"
            + "数据包,手续费,费率,订单金额,申请退款金额,费率备注",
        "`2026-11-22 10:00:01,`wxd930ea5d5a258f4f,`10000100,`0,`,`420"
            + "0000000202611220000000001,`order_1,`oBuyer1,`JSAPI,`SUCCESS,"
            + "`OTHERS,`CNY,`6.00,`0.00,`0,`0,`0.00,`0.00,`,`,`茶, tea,`a,b,"
            + "`0.04000,`0.60%,`6.00,`0.00,`",
        "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额",
        "`1.0,`6.00,`0.00,`0.00,`0.04000,`6.00,`0.00",
    ].map { $0 + "\r\n" }.joined()

    /// The same, as gzip made it.
    static let tradeGzip = """
        H4sIAAAAAAACA11Ry07CQBTdk/APbtxdybQCUXeKJupCjejClYMBtyZEo+7KAvEBPgIENxpfEReKGgkINfgznUf/wttOoZbpZHrPvbdnTs+1uk/8usxr\
        LbvWBJZ/tX5qsvnMLtoLs8CqR/y4jTGIk47oPvtYNnrsqeBErNewfu9l44GVqi52e3wsKi+I+V1Bvh+B5V4mPk12e9YHpy1u5MAyr/lrzy635H0RZLPO\
        vnOiXsJOYN2KMMuK0C5c2Q832PyIETv+9rDSYBsGUgRkBFIK9D/J55nx41D8zyrg6fOA0od8rJxjlyVR//DIefWDlxqsmAd+cibMN9nsoPKOOC9AQK2o\
        fMn3duAe1YYO8q+XcIjqRI+PadqYro9oZIrg1oDuH6Qnx0kmFUvHUnpsYju6DVQjuPAAihtoVCfechg0TR9gh2Anm85kN51gZu8wk8VgMTm9sgA0uZ5I\
        zCWTQJfX5udW8Z1Y2gAaj7i8EY/dj93TeWSxBSO7mRTQFGy5hShRHXEyGiQIh7hhqgGjEehUYIxYCxju46Gx+IWBxX5qmOu/z4MsuqtFyNDf9U8l3y+F\
        Q394xXF7DgMAAA==
        """

    /// From WeChat's documentation, with its full-width brackets.
    static let fundFlow = [
        "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额（元）,账户结余（元）,资金变更提交申请"
            + "人,备注,业务凭证号",
        "`2018-02-01 04:21:23,`50000305742018020103387128253,`1900009"
            + "231201802015884652186,`退款,`退款,`支出,`0.02,`0.17,`system,`缺货,`R"
            + "EF4200000068201801293084726067",
        "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额",
        "`1.0,`0.0,`0.00,`1.0,`0.02",
    ].map { $0 + "\r\n" }.joined()

    /// The same, as gzip made it.
    static let fundFlowGzip = """
        H4sIAAAAAAACA1WQT07CQBTG9yTcwQMM5M3035S9HsATzMalK9y4gygpaggYS0CNJhgUFwg1FDBtxct0pu2KKzhtQWEW3+R7v8z73rx44sTum+gtkp6L\
        +GoS/gyEPQ39fvj1wK8HvNXl7SWK55eJdSvmdeG4m9KGd1rRyNmY6NPnzzdI2AvZYs/Ix8nL0zpo8sbFOrhCaWRzGfl34ff9TjVL4e2+eHRFuxN6w8ie\
        xdNl6HmIDy0xe9+mWh/xtC6nKBYYAUxLQEqAD0CtEFwhCmIayKOAZqgpBimgKNTAhBJNYmym3CQK3mKNUlXXCKY6YkmtJsar/1vOzy0PMSgDSRUbiFXP\
        q2cnp4hFgRe7I8SOD49kVHZ0mjXFxFSAqgbRQTeKhd0NipofjW3RddLt8MbrnslXhfLQP5KanMgv4zJk02QidetJsfALTrQV2s8BAAA=
        """
    static let fundFlowSHA1 = "3cb5b2a2dd598611878293b2a7cbb4880ec636f2"
    static let fundFlowGzipSHA1 = "400535d3550a66730c0e7d9e46a8951a2b80beda"
}
