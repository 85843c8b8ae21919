package org.gatefold.spark.column;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.gatefold.model.Prediction;
import org.gatefold.recipe.field.label.Category;

/**
 * The columns that tell a class: its name, or its number as Spark's evaluators of classes read it, and perhaps the probabilities of all.
 * Immutable.
 */
public final class ClassColumns implements OutputColumns {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> classes;
    private final String name;
    private final String probabilities;

    /**
     * @param classes their names in the order of outputs; empty if they have none and are told by number
     * @param probabilities the column of them; none if empty
     */
    public ClassColumns(List<String> classes, String name, String probabilities) {
        this.classes = new ArrayList<>(classes);
        this.name = name;
        this.probabilities = probabilities;
    }

    /** @throws IllegalArgumentException if there is to be a column of the probabilities of classes, which are not known */
    public static void requireNone(String probabilities) {
        if (!probabilities.isEmpty()) {
            throw new IllegalArgumentException(
                    "probabilityCol: expected a model that tells classes, got one that tells none");
        }
    }

    @Override
    public List<StructField> fields(boolean nullable) {
        return fields(classes.isEmpty() ? DataTypes.DoubleType : DataTypes.StringType, name, probabilities, nullable);
    }

    /**
     * @param type of the column of classes
     * @param probabilities the column of them; none if empty
     */
    static List<StructField> fields(DataType type, String name, String probabilities, boolean nullable) {
        Stream<StructField> answer = Stream.of(DataTypes.createStructField(name, type, nullable));
        Stream<StructField> all = probabilities.isEmpty()
                ? Stream.of()
                : Stream.of(DataTypes.createStructField(
                        probabilities, DataTypes.createArrayType(DataTypes.DoubleType, false), nullable));
        return Stream.concat(answer, all).toList();
    }

    /** The values for a row of a class. */
    static Object[] values(Object answer, String probabilities, double... probability) {
        return probabilities.isEmpty() ? new Object[] {answer} : new Object[] {answer, probability};
    }

    /** The network says how likely classes are as it was trained to by cross-entropy; of equals the first is told. */
    @Override
    public Object[] values(Prediction prediction, int row) {
        double[] probability = Category.softmax(prediction.rows()[row]);
        int best = Category.best(probability);
        return values(classes.isEmpty() ? (Object) (double) best : classes.get(best), probabilities, probability);
    }
}
