package org.gatefold.spark.scoring;

import java.io.Serializable;
import java.sql.Timestamp;
import java.time.Instant;
import org.apache.spark.sql.streaming.GroupState;
import org.apache.spark.sql.streaming.GroupStateTimeout;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;

/**
 * How long the states of a key are kept that falls silent.
 *
 * @param millis 0 for ever
 * @param byRows whether time is that of rows, as far as the stream's watermark tells it, rather than that of the clock
 */
public record StateTime(long millis, boolean byRows) implements Serializable {
    private static final long serialVersionUID = 1L;

    private static final String WATERMARK = "spark.watermarkDelayMs";

    /** @param time the column of times, which may have a watermark */
    public static StateTime of(long millis, StructField time) {
        return new StateTime(
                millis,
                time.dataType().equals(DataTypes.TimestampType)
                        && time.metadata().contains(WATERMARK));
    }

    public GroupStateTimeout timeout() {
        if (millis == 0) {
            return GroupStateTimeout.NoTimeout();
        }
        return byRows ? GroupStateTimeout.EventTimeTimeout() : GroupStateTimeout.ProcessingTimeTimeout();
    }

    /**
     * The key is silent from now on.
     *
     * @param last the time of its last row
     */
    void begin(GroupState<?> state, Object last) {
        if (millis > 0 && byRows) {
            long moment = last instanceof Timestamp time ? time.getTime() : ((Instant) last).toEpochMilli();
            state.setTimeoutTimestamp(Math.max(moment, state.getCurrentWatermarkMs()) + millis);
        } else if (millis > 0) {
            state.setTimeoutDuration(millis);
        }
    }
}
