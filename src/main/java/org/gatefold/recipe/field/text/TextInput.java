package org.gatefold.recipe.field.text;

import java.util.List;
import org.gatefold.recipe.field.Field;
import org.gatefold.recipe.field.Fields;
import org.gatefold.recipe.field.Rows;

/** A field that reads texts, of which methods that count tokens can be asked for. */
public interface TextInput extends Field {
    /** The tokens of each row. */
    List<List<String>> tokens(Rows rows);

    /** The text of each row, written as its tokens are. */
    List<String> texts(Rows rows);

    /** The tokens of each row as the first field reads them, which is to be one of these. */
    static List<List<String>> tokens(Fields fields, Rows rows) {
        return ((TextInput) fields.input()).tokens(rows);
    }

    /** The texts of each row as the first field reads them, which is to be one of these. */
    static List<String> texts(Fields fields, Rows rows) {
        return ((TextInput) fields.input()).texts(rows);
    }
}
