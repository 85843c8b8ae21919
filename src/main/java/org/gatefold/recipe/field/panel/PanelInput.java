package org.gatefold.recipe.field.panel;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.gatefold.data.Column;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/** A field that is fitted to each series of a {@link PanelTable} by itself, so that each is read in a scale of its own. */
public final class PanelInput implements Field {
    private final Field field;
    private final Map<String, Field> fitted;

    private PanelInput(Field field, Map<String, Field> fitted) {
        this.field = field;
        this.fitted = fitted;
    }

    /** A field as each series is read. */
    public static PanelInput of(Field field) {
        return new PanelInput(field, Map.of());
    }

    /** As one series is read. */
    Field of(Parts.Part part) {
        return Parts.known(fitted, part);
    }

    @Override
    public String name() {
        return field.name();
    }

    @Override
    public PanelInput fit(Rows training) {
        return new PanelInput(field, Parts.fitted(training, field::fit));
    }

    @Override
    public Column encode(Rows rows) {
        List<Column> columns = new ArrayList<>();
        int[] places = new int[rows.size()];
        int read = 0;
        for (Parts.Part part : Parts.of(rows)) {
            columns.add(of(part).encode(part.rows()));
            for (int place : part.places()) {
                places[place] = read++;
            }
        }
        return Column.joined(columns).select(places);
    }

    @Override
    public int before() {
        return field.before();
    }

    @Override
    public String summary() {
        return field.summary();
    }

    @Override
    public JsonObject state() {
        return Parts.state(fitted, Field::state);
    }

    @Override
    public PanelInput restored(JsonFields state) {
        return new PanelInput(field, Parts.restored(state, field::restored));
    }
}
