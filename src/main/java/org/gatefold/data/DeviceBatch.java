package org.gatefold.data;

import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * A batch on a device. Valid as long as the scope that it was uploaded to is neither reset nor closed.
 *
 * @param inputs {@code [T, B, features]}
 * @param lengths steps of each row; null if every row has T
 * @param perStep true if N below is T * B in the order of {@code [T, B]}; false if N is B
 * @param targets {@code [N, outputs]}, or null
 * @param labels I32 {@code [N]}, or null
 * @param weights {@code [N]}, 0 for padding; null if every target row counts 1
 */
public record DeviceBatch(
        Tensor inputs, Lengths lengths, boolean perStep, Tensor targets, Tensor labels, Tensor weights) {}
