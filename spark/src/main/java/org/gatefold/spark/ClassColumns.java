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

    List<StructField> fields(boolean nullable) {
        Stream<StructField> answer = Stream.of(DataTypes.createStructField(name, DataTypes.StringType, nullable));
        Stream<StructField> all = probabilities.isEmpty()
                ? Stream.of()
                : Stream.of(DataTypes.createStructField(
                        probabilities, DataTypes.createArrayType(DataTypes.DoubleType, false), nullable));
        return Stream.concat(answer, all).toList();
    }

    /** The values for a row: the most probable class, the first of equals. */
    Object[] values(double... probability) {
        int best = 0;
        for (int i = 1; i < probability.length; i++) {
            best = probability[i] > probability[best] ? i : best;
        }
        return probabilities.isEmpty()
                ? new Object[] {classes.get(best)}
                : new Object[] {classes.get(best), probability};
    }

    /** The values for a row of which a network says how likely classes are, as it was trained to by cross-entropy. */
    Object[] ofLogits(float... logits) {
        return values(Category.softmax(logits));
    }
}
