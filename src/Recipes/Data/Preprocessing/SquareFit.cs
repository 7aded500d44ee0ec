namespace Recipes.Data;

// The bytes of a preprocessing, before normalisation.
internal sealed class SquareFit(ImagePreprocessing rules)
{
    private readonly int _size = rules.Resolution;

    /// <summary>Fills <c>[R, R, 3]</c>; the picture itself may have fewer columns and rows, which are returned.</summary>
    public (int Columns, int Rows) Fit(ReadOnlySpan<byte> rgb, int width, int height, Span<byte> target)
    {
        Check(rgb.Length, width, height);
        switch (rules.Fit)
        {
            case ImageFit.Squash:
                Resampler.Shared.Resize(rgb, width, new PixelBox(0, 0, width, height), target, _size, _size, rules.Filter);
                break;
            case ImageFit.Pad:
                Resampler.Shared.ResizePadded(rgb, width, height, Background(), target, _size, rules.Filter);
                break;
            case ImageFit.LongestSide:
                return Longest(rgb, width, height, target);
            default:
                Crop(rgb, width, height, target);
                break;
        }
        return (_size, _size);
    }

    // Sides as torchvision's Resize(int), offsets as its CenterCrop (Python's round: halves to the even number).
    private void Crop(ReadOnlySpan<byte> rgb, int width, int height, Span<byte> target)
    {
        var shorter = rules.ShorterSide == 0 ? _size : rules.ShorterSide;
        var longer = (int)((double)((long)shorter * Math.Max(width, height)) / Math.Min(width, height));
        var (columns, rows) = width <= height ? (shorter, longer) : (longer, shorter);
        var (left, top) = ((int)Math.Round((columns - _size) / 2.0), (int)Math.Round((rows - _size) / 2.0));
        var part = new PixelBox(left, top, left + _size, top + _size);
        Resampler.Shared.Resize(rgb, width, new PixelBox(0, 0, width, height), target, part, columns, rows, rules.Filter);
    }

    // SAM's rule: halves up; never less than one pixel.
    private (int Columns, int Rows) Longest(ReadOnlySpan<byte> rgb, int width, int height, Span<byte> target)
    {
        var scale = (double)_size / Math.Max(width, height);
        var (columns, rows) = (Math.Max((int)(width * scale + 0.5), 1), Math.Max((int)(height * scale + 0.5), 1));
        var resized = new byte[3 * columns * rows];
        Resampler.Shared.Resize(rgb, width, new PixelBox(0, 0, width, height), resized, columns, rows, rules.Filter);
        for (var y = 0; y < rows; y++)
            resized.AsSpan(3 * y * columns, 3 * columns).CopyTo(target[(3 * y * _size)..]);
        return (columns, rows);
    }

    // LLaVA: the mean that is subtracted, in bytes, rounded down.
    private byte[] Background() =>
        [(byte)(255 * rules.Normalization.MeanR), (byte)(255 * rules.Normalization.MeanG), (byte)(255 * rules.Normalization.MeanB)];

    private void Check(int length, int width, int height)
    {
        if (_size is < 1 or > 1 << 14 || rules.ShorterSide != 0 && rules.ShorterSide < _size)
            throw new RecipesException(
                $"preprocessing to {_size} pixels from a shorter side of {rules.ShorterSide}: expected 1 to {1 << 14} pixels, and a shorter side of 0 or at least as many."
            );
        if (width < 1 || height < 1 || length != 3L * width * height)
            throw new RecipesException(
                $"a picture of {width} x {height} pixels: expected {3L * width * height} bytes of red, green and blue, found {length}."
            );
    }
}
