package org.gatefold.seq2seq;

import org.gatefold.layer.Layer;
import org.gatefold.tensor.Form;

/** Where parts of a module declare their layers. */
interface Parts {
    <L extends Layer> L layer(L layer, Form in);
}
