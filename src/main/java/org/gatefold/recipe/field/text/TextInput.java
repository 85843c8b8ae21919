package org.gatefold.recipe.field.text;

import java.util.List;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Rows;

/** A field that reads texts, of which methods that count tokens can be asked for. */
public interface TextInput extends Field {
    /** The tokens of each row. */
    List<List<String>> tokens(Rows rows);
}
