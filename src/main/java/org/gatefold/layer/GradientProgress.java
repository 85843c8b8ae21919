package org.gatefold.layer;

/**
 * Is told, while a backward pass runs, which gradients it has finished with: attached to a context, so that gradients can go on their way
 * while those of lower layers are computed. In the thread of the pass.
 */
@FunctionalInterface
public interface GradientProgress {
    /**
     * The gradients of all parameters from this offset of the flat buffer on will not change any more in this pass; offsets fall.
     *
     * @param offset as {@link Parameter#offset()}
     */
    void finishedFrom(long offset);
}
