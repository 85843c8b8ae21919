package org.gatefold.spark.column;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.types.StructField;
import org.gatefold.model.Prediction;

/** The columns that tell what a network of one output gives for a row. Immutable. */
public interface OutputColumns extends Serializable {
    List<StructField> fields(boolean nullable);

    /** The values for one row of a prediction. */
    Object[] values(Prediction prediction, int row);
}
