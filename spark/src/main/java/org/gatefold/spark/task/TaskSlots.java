package org.gatefold.spark.task;

import java.time.Duration;
import org.apache.spark.SparkContext;

/** How many tasks run at once. */
public final class TaskSlots {
    /** How long Spark waits for executors before it begins with those that are there. */
    private static final String WAITING = "spark.scheduler.maxRegisteredResourcesWaitingTime";

    private static final Duration PAUSE = Duration.ofMillis(100);

    private TaskSlots() {}

    /**
     * Returns once so many tasks can run at once. Spark itself tries a barrier stage that has no room again and again, by default for ten
     * minutes.
     *
     * @throws IllegalArgumentException naming both counts, at once where all runs in this process; on a cluster after the time that Spark
     *     waits for executors
     */
    public static void require(SparkContext context, int workers) {
        long wait = context.isLocal() ? 0 : context.conf().getTimeAsMs(WAITING, "30s");
        long end = System.nanoTime() + Duration.ofMillis(wait).toNanos();
        int slots = slots(context);
        while (slots < workers && System.nanoTime() < end) {
            sleep();
            slots = slots(context);
        }
        if (slots < workers) {
            throw new IllegalArgumentException(
                    "workers: expected at most " + slots + ", as many tasks as run at once here, got " + workers);
        }
    }

    private static void sleep() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for executors", e);
        }
    }

    private static int slots(SparkContext context) {
        return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
    }
}
