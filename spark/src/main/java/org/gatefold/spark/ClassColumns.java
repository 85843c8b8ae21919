package org.gatefold.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.gatefold.recipe.field.label.Category;

/** The columns that tell a class: its name, and perhaps the probabilities of all. Immutable. */
final class ClassColumns implements Serializable {
    private static final long serialVersionUID = 1L;

    private final ArrayList<String> classes;
    private final String name;
    private final String probabilities;

    /** @param probabilities the column of them; none if empty */
    ClassColumns(List<String> classes, String name, String probabilities) {
        this.classes = new ArrayList<>(classes);
        this.name = name;
        this.probabilities = probabilities;
    }

    /** @throws IllegalArgumentException if there is to be a column of the probabilities of classes, which are not known */
    static void requireNone(String probabilities) {
        if (!probabilities.isEmpty()) {
            throw new IllegalArgumentException(
                    "probabilityCol: expected a model that knows the names of classes, got one that knows none");
        }
    }

    List<StructField> fields(boolean nullable) {
        return fields(name, probabilities, nullable);
    }

    /** @param probabilities the column of them; none if empty */
    static List<StructField> fields(String name, String probabilities, boolean nullable) {
        Stream<StructField> answer = Stream.of(DataTypes.createStructField(name, DataTypes.StringType, nullable));
        Stream<StructField> all = probabilities.isEmpty()
                ? Stream.of()
                : Stream.of(DataTypes.createStructField(
                        probabilities, DataTypes.createArrayType(DataTypes.DoubleType, false), nullable));
        return Stream.concat(answer, all).toList();
    }

    /** The values for a row of a class. */
    static Object[] values(String answer, String probabilities, double... probability) {
        return probabilities.isEmpty() ? new Object[] {answer} : new Object[] {answer, probability};
    }

    /** The values for a row of which a network says how likely classes are, as it was trained to by cross-entropy; the first of equals. */
    Object[] ofLogits(float... logits) {
        double[] probability = Category.softmax(logits);
        int best = 0;
        for (int i = 1; i < probability.length; i++) {
            best = probability[i] > probability[best] ? i : best;
        }
        return values(classes.get(best), probabilities, probability);
    }
}
