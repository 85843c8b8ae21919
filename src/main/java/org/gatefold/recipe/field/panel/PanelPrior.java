package org.gatefold.recipe.field.panel;

import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;

/** A method that is fitted to each series of a {@link PanelTable} by itself, for a {@link PanelTarget}. */
public final class PanelPrior implements Prior {
    private final Prior method;
    private final Map<String, Prior> fitted;

    private PanelPrior(Prior method, Map<String, Prior> fitted) {
        this.method = method;
        this.fitted = fitted;
    }

    /** A method as it is fitted to each series. */
    public static PanelPrior of(Prior method) {
        return new PanelPrior(method, Map.of());
    }

    @Override
    public PanelPrior fit(Fields fields, Rows training) {
        Map<String, Prior> all = new LinkedHashMap<>();
        for (Parts.Part part : Parts.of(training)) {
            all.put(part.name(), method.fit(PanelTarget.fields(fields, part), part.rows()));
        }
        return new PanelPrior(method, all);
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        return Parts.each(rows, new double[rows.size()][], part -> of(part).answers(
                        PanelTarget.fields(fields, part), part.rows()));
    }

    /** The method of one series; null before it is fitted. */
    Prior of(Parts.Part part) {
        return fitted.isEmpty() ? null : Parts.known(fitted, part);
    }

    @Override
    public String name() {
        return method.name();
    }

    @Override
    public String detail() {
        return method.name() + " of each series";
    }

    @Override
    public JsonObject state() {
        return Parts.state(fitted, Prior::state);
    }

    @Override
    public PanelPrior restored(JsonFields state) {
        return new PanelPrior(method, Parts.restored(state, method::restored));
    }
}
