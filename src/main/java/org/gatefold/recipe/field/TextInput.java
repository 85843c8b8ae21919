package org.gatefold.recipe.field;

import java.util.List;

/** A field that reads texts, of which methods that count tokens can be asked for. */
public interface TextInput extends Field {
    /** The tokens of each row. */
    List<List<String>> tokens(Rows rows);
}
