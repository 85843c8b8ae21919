package org.gatefold.model;

import java.util.Map;
import org.gatefold.layer.recurrent.state.StateValues;

/**
 * What a model gave for sequences.
 *
 * @param output of the model
 * @param states of every recurrent layer after each row's last real step, by the layer's name
 */
public record SequenceOutput(Prediction output, Map<String, StateValues> states) {}
