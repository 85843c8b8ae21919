package org.gatefold.spark.task;

import org.apache.spark.TaskContext;
import org.apache.spark.resource.ResourceInformation;

/** The device of a task. Stateless. */
public final class TaskDevice {
    private static final String ANY_CUDA = "cuda";
    private static final String GPU = "gpu";

    private TaskDevice() {}

    /**
     * A device by Gatefold's name; {@code cuda} is the GPU that Spark has given the task.
     *
     * @throws IllegalStateException if Spark has given it none
     */
    public static String name(TaskContext task, String wanted) {
        if (!wanted.equals(ANY_CUDA)) {
            return wanted;
        }
        ResourceInformation gpu = task.resourcesJMap().get(GPU);
        if (gpu == null || gpu.addresses().length == 0) {
            throw new IllegalStateException("device: expected a GPU of the task, got none;"
                    + " set spark.task.resource.gpu.amount and spark.executor.resource.gpu.amount, or name a device");
        }
        return ANY_CUDA + ":" + gpu.addresses()[0];
    }
}
