namespace Recipes.Layers;

/// <summary>
/// Where a 3x3 depthwise convolution with padding 1 reads and writes, as tables of offsets into small planes that hold one
/// vector of channels a pixel: input planes with a margin of two zeros, output and result planes without.
/// </summary>
/// <remarks>
/// The taps i that reach an input pixel u from an output pixel q, u = s·q + i − 1, depend only on how near u is to the
/// border and on its phase in the stride; pixels with the same taps form a class, and inside a class every sum over
/// patches is a plain correlation of the image with itself at fixed lags. This makes sums over overlapping 9-element
/// patches cost 13 or 25 products a pixel in place of 45 or 81. Offsets of several images follow one another, so that
/// small images share the overhead of a call.
/// </remarks>
internal sealed class DepthwisePlan
{
    private const int Side = 3;
    public const int Margin = 2;
    private const int TargetVectors = 768;

    /// <summary>The 13 lags d ≥ 0 (in reading order) at which two taps can differ.</summary>
    public static readonly (int Row, int Column)[] HalfLags = [.. Lags().Where(d => d.Row > 0 || (d.Row == 0 && d.Column >= 0))];

    /// <summary>All 25 lags.</summary>
    public static readonly (int Row, int Column)[] AllLags = [.. Lags()];

    public DepthwisePlan(int height, int width, int stride)
    {
        (Height, Width) = (height, width);
        (OutHeight, OutWidth) = (((height - 1) / stride) + 1, ((width - 1) / stride) + 1);
        Pitch = width + (2 * Margin);
        Plane = (height + (2 * Margin)) * Pitch;
        Images = Math.Max(1, TargetVectors / Plane);
        HalfOffsets = [.. HalfLags.Select(Offset)];
        AllOffsets = [.. AllLags.Select(Offset)];
        TapOffsets = [.. Enumerable.Range(0, Side * Side).Select(i => Offset((i / Side, i % Side)))];
        Centres = Repeat(
            Plane,
            from r in Enumerable.Range(0, OutHeight)
            from c in Enumerable.Range(0, OutWidth)
            select Inside((r * stride) - 1, (c * stride) - 1)
        );
        Outputs = Repeat(OutHeight * OutWidth, Enumerable.Range(0, OutHeight * OutWidth));
        var rows = Axis(height, OutHeight, stride);
        var columns = Axis(width, OutWidth, stride);
        Classes = [.. from r in rows from c in columns select new PixelClass(this, r, c)];
    }

    public int Height { get; }

    public int Width { get; }

    public int OutHeight { get; }

    public int OutWidth { get; }

    /// <summary>Vectors from one row of an input plane to the next.</summary>
    public int Pitch { get; }

    /// <summary>Vectors of one input plane.</summary>
    public int Plane { get; }

    /// <summary>Images processed together.</summary>
    public int Images { get; }

    public int[] HalfOffsets { get; }

    public int[] AllOffsets { get; }

    /// <summary>Offsets of the nine taps from <see cref="Centres"/>.</summary>
    public int[] TapOffsets { get; }

    /// <summary>The first tap of each output pixel, in input planes.</summary>
    public int[] Centres { get; }

    /// <summary>Each output pixel, in output planes.</summary>
    public int[] Outputs { get; }

    public IReadOnlyList<PixelClass> Classes { get; }

    private int Inside(int row, int column) => ((row + Margin) * Pitch) + column + Margin;

    private int Offset((int Row, int Column) lag) => (lag.Row * Pitch) + lag.Column;

    private int[] Repeat(int step, IEnumerable<int> offsets)
    {
        var once = offsets.ToArray();
        return [.. Enumerable.Range(0, Images).SelectMany(image => once.Select(o => o + (image * step)))];
    }

    private static IEnumerable<(int Row, int Column)> Lags() =>
        from row in Enumerable.Range(1 - Side, (2 * Side) - 1)
        from column in Enumerable.Range(1 - Side, (2 * Side) - 1)
        select (row, column);

    // Coordinates of one axis by the taps that reach them; with each tap the output coordinate relative to `Base`.
    private static List<AxisClass> Axis(int size, int outSize, int stride) =>
        [
            .. Enumerable
                .Range(0, size)
                .GroupBy(u => string.Join(' ', Taps(u, outSize, stride)), StringComparer.Ordinal)
                .Select(g => new AxisClass([.. g], [.. g.Select(u => (u + 1) / stride)], [.. Taps(g.First(), outSize, stride)])),
        ];

    private static IEnumerable<(int Tap, int Lag)> Taps(int u, int outSize, int stride) =>
        from i in Enumerable.Range(0, Side)
        let reach = u + 1 - i
        where reach >= 0 && reach % stride == 0 && reach / stride < outSize
        select (i, (reach / stride) - ((u + 1) / stride));

    internal sealed record AxisClass(int[] Coordinates, int[] Bases, (int Tap, int Lag)[] Taps);

    /// <summary>Input pixels that the same taps reach.</summary>
    public sealed class PixelClass
    {
        internal PixelClass(DepthwisePlan plan, AxisClass rows, AxisClass columns)
        {
            Taps = [.. from r in rows.Taps from c in columns.Taps select (r.Tap * Side) + c.Tap];
            TapOffsets = [.. from r in rows.Taps from c in columns.Taps select (r.Lag * plan.OutWidth) + c.Lag];
            Inputs = plan.Repeat(plan.Plane, from r in rows.Coordinates from c in columns.Coordinates select plan.Inside(r, c));
            Results = plan.Repeat(
                plan.Height * plan.Width,
                from r in rows.Coordinates
                from c in columns.Coordinates
                select (r * plan.Width) + c
            );
            Bases = plan.Repeat(
                plan.OutHeight * plan.OutWidth,
                from r in rows.Bases
                from c in columns.Bases
                select (r * plan.OutWidth) + c
            );
            PixelsPerImage = rows.Coordinates.Length * columns.Coordinates.Length;
            Pairs =
            [
                .. from i in Taps
                from d in Enumerable.Range(0, AllLags.Length)
                let j = PatchMoments.Tap(i, AllLags[d])
                where j >= 0
                select (d, (i * PatchMoments.Taps) + j),
            ];
        }

        /// <summary>The taps, 3·row + column.</summary>
        public int[] Taps { get; }

        /// <summary>For each tap the output pixel, relative to <see cref="Bases"/>, in output planes.</summary>
        public int[] TapOffsets { get; }

        /// <summary>The pixels in input planes.</summary>
        public int[] Inputs { get; }

        /// <summary>The pixels in planes of the input's size without margin.</summary>
        public int[] Results { get; }

        /// <summary>The output pixels to which <see cref="TapOffsets"/> are relative.</summary>
        public int[] Bases { get; }

        public int PixelsPerImage { get; }

        /// <summary>Each pair of a tap i that reaches the pixels and any tap j, as index of the lag j − i in <see cref="AllLags"/> and 9·i + j.</summary>
        public (int Lag, int Pair)[] Pairs { get; }
    }
}
