package org.gatefold.recipe;

import com.google.gson.JsonObject;
import org.gatefold.recipe.field.Field;

/** A field that is another one but for what it looks at: for tests that plant a look ahead. */
interface WrappedField extends Field {
    /** The other one. */
    Field field();

    @Override
    default String name() {
        return field().name();
    }

    @Override
    default int before() {
        return field().before();
    }

    @Override
    default String summary() {
        return field().summary();
    }

    @Override
    default JsonObject state() {
        return field().state();
    }
}
