package org.gatefold.data.media;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.bytedeco.ffmpeg.avcodec.AVCodec;
import org.bytedeco.ffmpeg.avcodec.AVCodecContext;
import org.bytedeco.ffmpeg.avcodec.AVPacket;
import org.bytedeco.ffmpeg.avformat.AVFormatContext;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.ffmpeg.global.avcodec;
import org.bytedeco.ffmpeg.global.avformat;
import org.bytedeco.ffmpeg.global.avutil;
import org.bytedeco.javacpp.PointerPointer;

/**
 * Decodes the pictures or the sound of a file by FFmpeg through JavaCPP, which must be on the class path. One thread; owns what FFmpeg
 * allocates, and frees it when closed.
 */
public final class FfmpegStream implements AutoCloseable {
    static {
        avutil.av_log_set_level(avutil.AV_LOG_QUIET);
    }

    /** What is decoded of a file. */
    public enum Kind {
        VIDEO(avutil.AVMEDIA_TYPE_VIDEO, "video", "pictures", "picture"),
        AUDIO(avutil.AVMEDIA_TYPE_AUDIO, "audio", "sound", "sound");

        private final int type;
        private final String word;
        private final String content;
        private final String piece;

        Kind(int type, String word, String content, String piece) {
            this.type = type;
            this.word = word;
            this.content = content;
            this.piece = piece;
        }
    }

    private final String source;
    private final Kind kind;
    private final AVFormatContext format = new AVFormatContext(null);
    private final AVPacket packet = avcodec.av_packet_alloc();
    private final AVFrame frame = avutil.av_frame_alloc();
    private AVCodecContext codec;
    private int stream;

    /** @throws IllegalArgumentException if it is no file of that kind that FFmpeg reads */
    public FfmpegStream(Path file, Kind kind) {
        source = file.toString();
        this.kind = kind;
        try {
            open();
        } catch (IllegalArgumentException e) {
            close();
            throw e;
        }
    }

    /** What to say of a file where FFmpeg is not on the class path. */
    public static IllegalStateException missing(Path file, LinkageError e) {
        return new IllegalStateException(
                file
                        + ": expected FFmpeg to decode it, org.bytedeco:ffmpeg with its native library on the class path, got none",
                e);
    }

    private void open() {
        require(avformat.avformat_open_input(format, source, null, null), "is no " + kind.word + " file");
        require(
                avformat.avformat_find_stream_info(format, (PointerPointer<?>) null),
                "is no sound " + kind.word + " file");
        stream = require(
                avformat.av_find_best_stream(format, kind.type, -1, -1, (AVCodec) null, 0), "holds no " + kind.content);
        AVCodec decoder =
                avcodec.avcodec_find_decoder(format.streams(stream).codecpar().codec_id());
        if (decoder == null || decoder.isNull()) {
            throw new IllegalArgumentException(source + ": is in a coding that FFmpeg has no decoder for");
        }
        codec = avcodec.avcodec_alloc_context3(decoder);
        require(
                avcodec.avcodec_parameters_to_context(
                        codec, format.streams(stream).codecpar()),
                "cannot be decoded");
        require(avcodec.avcodec_open2(codec, decoder, (PointerPointer<?>) null), "cannot be decoded");
    }

    private int require(int result, String complaint) {
        if (result < 0) {
            byte[] text = new byte[avutil.AV_ERROR_MAX_STRING_SIZE];
            avutil.av_strerror(result, text, text.length);
            throw new IllegalArgumentException(source + ": " + complaint + " ("
                    + new String(text, StandardCharsets.UTF_8).strip().replace("\0", "") + ")");
        }
        return result;
    }

    /**
     * Decodes all frames.
     *
     * @param taker takes each, in their order; it is written over afterwards
     * @throws IllegalArgumentException if the file is damaged before its first frame
     */
    public void frames(Consumer<AVFrame> taker) {
        int taken = 0;
        while (avformat.av_read_frame(format, packet) >= 0) {
            if (packet.stream_index() == stream && avcodec.avcodec_send_packet(codec, packet) >= 0) {
                taken += receive(taker);
            }
            avcodec.av_packet_unref(packet);
        }
        avcodec.avcodec_send_packet(codec, (AVPacket) null);
        taken += receive(taker);
        if (taken == 0) {
            throw new IllegalArgumentException(source + ": holds no " + kind.piece + " that can be decoded");
        }
    }

    /** When a frame is shown, in seconds; NaN if the file does not tell. */
    public double seconds(AVFrame shown) {
        long time = shown.best_effort_timestamp();
        return time == avutil.AV_NOPTS_VALUE
                ? Double.NaN
                : time * avutil.av_q2d(format.streams(stream).time_base());
    }

    private int receive(Consumer<AVFrame> taker) {
        int taken = 0;
        while (avcodec.avcodec_receive_frame(codec, frame) >= 0) {
            taker.accept(frame);
            taken++;
        }
        return taken;
    }

    @Override
    public void close() {
        if (codec != null) {
            avcodec.avcodec_free_context(codec);
        }
        avutil.av_frame_free(frame);
        avcodec.av_packet_free(packet);
        avformat.avformat_close_input(format);
    }
}
