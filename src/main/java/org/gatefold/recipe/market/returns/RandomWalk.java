package org.gatefold.recipe.market.returns;

import com.google.gson.JsonObject;
import org.gatefold.file.JsonFields;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Prior;
import org.gatefold.recipe.field.Rows;

/** A return of 0, from which a network may only lead away as far as rows held back show that this helps. */
public record RandomWalk() implements Prior {
    @Override
    public RandomWalk fit(Fields fields, Rows training) {
        return this;
    }

    @Override
    public double[][] answers(Fields fields, Rows rows) {
        return new double[rows.size()][1];
    }

    @Override
    public String name() {
        return "the random walk";
    }

    @Override
    public JsonObject state() {
        return new JsonObject();
    }

    @Override
    public RandomWalk restored(JsonFields state) {
        return this;
    }
}
