package org.gatefold.data.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.BytePointer;
import org.gatefold.data.media.FfmpegStream;

/** Decodes the sound of a file by FFmpeg through JavaCPP, which must be on the class path: the mean of its channels. One thread. */
final class FfmpegRecording {
    private static final int FIRST_ROOM = 1 << 16;

    private int rate;
    private float[] samples = new float[FIRST_ROOM];
    private int count;

    private FfmpegRecording() {}

    /**
     * Decodes a file.
     *
     * @throws IllegalArgumentException if it holds no sound that FFmpeg decodes
     * @throws LinkageError if FFmpeg is not on the class path
     */
    static Recording read(Path file) {
        FfmpegRecording decoded = new FfmpegRecording();
        try (FfmpegStream stream = new FfmpegStream(file, FfmpegStream.Kind.AUDIO)) {
            stream.frames(decoded::add);
        }
        return new Recording(decoded.rate, Arrays.copyOf(decoded.samples, decoded.count));
    }

    private void add(AVFrame frame) {
        if (rate == 0) {
            rate = frame.sample_rate();
        }
        int channels = frame.ch_layout().nb_channels();
        int format = frame.format();
        boolean planar = avutil.av_sample_fmt_is_planar(format) != 0;
        int width = avutil.av_get_bytes_per_sample(format);
        ByteBuffer[] planes = new ByteBuffer[planar ? channels : 1];
        for (int plane = 0; plane < planes.length; plane++) {
            BytePointer data = frame.extended_data(plane);
            data.capacity((long) frame.nb_samples() * width * (planar ? 1 : channels));
            planes[plane] = data.asByteBuffer().order(ByteOrder.nativeOrder());
        }
        if (count + frame.nb_samples() > samples.length) {
            samples = Arrays.copyOf(samples, Math.max(count + frame.nb_samples(), 2 * samples.length));
        }
        for (int i = 0; i < frame.nb_samples(); i++) {
            double sum = 0;
            for (int channel = 0; channel < channels; channel++) {
                sum += planar
                        ? sample(planes[channel], i * width, format)
                        : sample(planes[0], (i * channels + channel) * width, format);
            }
            samples[count++] = (float) (sum / channels);
        }
    }

    private static double sample(ByteBuffer data, int at, int format) {
        return switch (avutil.av_get_packed_sample_fmt(format)) {
            case avutil.AV_SAMPLE_FMT_U8 -> ((data.get(at) & 0xff) - 128) / 128.0;
            case avutil.AV_SAMPLE_FMT_S16 -> data.getShort(at) / 32768.0;
            case avutil.AV_SAMPLE_FMT_S32 -> data.getInt(at) / 0x1p31;
            case avutil.AV_SAMPLE_FMT_S64 -> data.getLong(at) / 0x1p63;
            case avutil.AV_SAMPLE_FMT_FLT -> data.getFloat(at);
            default -> data.getDouble(at);
        };
    }
}
