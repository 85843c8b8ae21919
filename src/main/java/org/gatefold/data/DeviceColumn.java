package org.gatefold.data;

import org.gatefold.tensor.Form;
import org.gatefold.tensor.Lengths;
import org.gatefold.tensor.Tensor;

/**
 * One column of a batch on a device. Valid as long as the scope that it was uploaded to is neither reset nor closed.
 *
 * @param name of the column
 * @param form of the value
 * @param value as the form says; 0 in the padding
 * @param lengths steps of each row of a sequence; null if every row has all steps, or if the rows are no sequences
 * @param weights how much each row or step of a target counts, {@code [B]} or {@code [T * B]} in the order of
 *     {@code [T, B]}, 0 for padding; null if all count 1
 * @param rowWeights how much each row of a target that is a sequence counts as a whole, {@code [B]}; null if weights were
 *     not given per row
 * @param stepWeights the weights, where they were given per step; else null
 * @param idBound one more than the largest id; 0 if it holds numbers. Known without a look at the device
 */
public record DeviceColumn(
        String name,
        Form form,
        Tensor value,
        Lengths lengths,
        Tensor weights,
        Tensor rowWeights,
        Tensor stepWeights,
        int idBound) {}
