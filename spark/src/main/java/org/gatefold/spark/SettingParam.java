package org.gatefold.spark;

import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** Parameters by the type of their values, which Java sees as objects. Stateless. */
final class SettingParam {
    private SettingParam() {}

    @SuppressWarnings({"unchecked", "rawtypes"}) // a Param<String> takes and gives objects that are texts
    static Param<Object> of(Params stage, String name, String says, Object usual) {
        if (usual instanceof Integer) {
            return new IntParam(stage, name, says);
        }
        if (usual instanceof Long) {
            return new LongParam(stage, name, says);
        }
        if (usual instanceof Double) {
            return new DoubleParam(stage, name, says);
        }
        return new Param(stage, name, says);
    }
}
