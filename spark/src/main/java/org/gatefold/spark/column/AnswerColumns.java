package org.gatefold.spark.column;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.gatefold.recipe.field.Answer;

/**
 * The columns that tell what the answers of a recipe's model say. Immutable.
 *
 * @param kind of the answers
 * @param name of the column
 * @param probabilities the column of those of classes; none if empty
 */
public record AnswerColumns(Answer.Kind kind, String name, String probabilities) implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final StructType LIKELIHOOD = new StructType()
            .add("nats", DataTypes.DoubleType, false)
            .add("tokens", DataTypes.IntegerType, false)
            .add("perplexity", DataTypes.DoubleType, false);

    public AnswerColumns {
        if (kind != Answer.Kind.LABEL) {
            ClassColumns.requireNone(probabilities);
        }
    }

    public List<StructField> fields(boolean nullable) {
        if (kind == Answer.Kind.LABEL) {
            return ClassColumns.fields(DataTypes.StringType, name, probabilities, nullable);
        }
        DataType type =
                switch (kind) {
                    case TAGS -> DataTypes.createArrayType(DataTypes.StringType, false);
                    case LIKELIHOOD -> LIKELIHOOD;
                    default -> DataTypes.StringType;
                };
        return List.of(DataTypes.createStructField(name, type, nullable));
    }

    /** The values for a row. */
    public Object[] values(Answer answer) {
        if (answer instanceof Answer.Label label) {
            return ClassColumns.values(label.name(), probabilities, label.probabilities());
        }
        if (answer instanceof Answer.Tags tagged) {
            return new Object[] {tagged.tags().toArray(String[]::new)};
        }
        if (answer instanceof Answer.Likelihood found) {
            return new Object[] {RowFactory.create(found.nats(), found.tokens(), found.perplexity())};
        }
        return new Object[] {((Answer.Text) answer).text()};
    }
}
