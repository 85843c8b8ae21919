package org.gatefold.spark.column;

import java.util.Map;
import org.gatefold.tensor.Form;

/** The form of a model's only input or output, for columns hold one value. */
public final class SingleForm {
    private SingleForm() {}

    /**
     * The one form of {@code forms}.
     *
     * @throws IllegalArgumentException naming all of them, unless there is one
     */
    public static Form of(String what, Map<String, Form> forms) {
        if (forms.size() != 1) {
            throw new IllegalArgumentException(
                    "model: expected one with a single " + what + ", got one with " + forms.keySet());
        }
        return forms.values().iterator().next();
    }
}
