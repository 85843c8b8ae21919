package org.gatefold.layer.form;

import org.gatefold.autograd.Variable;
import org.gatefold.tensor.Form;

/** The same numbers under another form. */
final class Views {
    private Views() {}

    /** x under a form that has steps if x does, with its lengths. */
    static Variable of(Variable x, Form form) {
        int steps = x.shape().dim(0);
        return form.sequence()
                ? x.reshape(x.lengths(), form.shape(steps, x.shape().dim(1)).toArray())
                : x.reshape(form.shape(1, steps).toArray());
    }
}
