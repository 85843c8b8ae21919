package org.gatefold.seq2seq;

import org.gatefold.layer.attention.AttentionMemory;
import org.gatefold.layer.recurrent.state.LayerState;

/**
 * What the decoder knows of a source.
 *
 * @param outputs of all steps; null without attention
 * @param initial the decoder's first states
 */
record Encoded(AttentionMemory outputs, LayerState initial) {}
