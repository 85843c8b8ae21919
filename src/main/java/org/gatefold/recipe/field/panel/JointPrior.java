package org.gatefold.recipe.field.panel;

import com.google.gson.JsonObject;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import org.gatefold.file.Json;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;

/** A method that is fitted to each column of a {@link JointTarget} by itself. */
public final class JointPrior implements Prior {
    private static final String COLUMNS = "columns";

    private final List<Prior> columns;

    private JointPrior(List<Prior> columns) {
        this.columns = List.copyOf(columns);
    }

    /** A method for each column, at least one. */
    public static JointPrior of(List<? extends Prior> columns) {
        return new JointPrior(List.copyOf(columns));
    }

    private JointPrior each(BiFunction<Prior, Integer, Prior> change) {
        return new JointPrior(IntStream.range(0, columns.size())
                .mapToObj(i -> change.apply(columns.get(i), i))
                .toList());
    }

    @Override
    public JointPrior fit(Fields fields, Rows training) {
        return each((column, i) -> column.fit(JointTarget.fields(fields, i), training));
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        return JointTarget.joined(IntStream.range(0, columns.size())
                .mapToObj(i -> columns.get(i).answers(JointTarget.fields(fields, i), rows))
                .toList());
    }

    @Override
    public String name() {
        return columns.get(0).name();
    }

    @Override
    public String detail() {
        return name() + " of each column";
    }

    @Override
    public JsonObject state() {
        return Json.list(COLUMNS, columns, Prior::state);
    }

    @Override
    public JointPrior restored(JsonFields state) {
        List<JsonFields> states = state.listOf(columns.size(), COLUMNS);
        return each((column, i) -> column.restored(states.get(i)));
    }
}
