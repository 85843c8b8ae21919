package org.gatefold.spark.column;

import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.gatefold.model.Prediction;
import org.gatefold.tensor.Form;

/**
 * The column of numbers as a network gives them: one number where the output is one, as Spark's evaluators of regressions read it, an
 * array of several, and arrays of arrays where there are some for every step. Immutable.
 */
public final class NumberColumn implements OutputColumns {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final boolean sequence;
    private final boolean single;

    public NumberColumn(String name, Form output) {
        this.name = name;
        this.sequence = output.sequence();
        this.single = !sequence && output.size() == 1;
    }

    @Override
    public List<StructField> fields(boolean nullable) {
        DataType numbers = DataTypes.createArrayType(DataTypes.FloatType, false);
        DataType type = single ? DataTypes.DoubleType : sequence ? DataTypes.createArrayType(numbers, false) : numbers;
        return List.of(DataTypes.createStructField(name, type, nullable));
    }

    @Override
    public Object[] values(Prediction prediction, int row) {
        return new Object[] {
            sequence ? prediction.sequences()[row] : value(prediction.rows()[row])
        };
    }

    /** The value for what the network gives for one row, or after one step. */
    public Object value(float... numbers) {
        return single ? (Object) (double) numbers[0] : numbers;
    }
}
