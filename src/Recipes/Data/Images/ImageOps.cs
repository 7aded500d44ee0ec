namespace Recipes.Data;

/// <summary>The operations of RandAugment on bytes. The first fourteen are the paper's list, in the order in which data sets store them.</summary>
public enum ImageOp
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary>Shear along x; the magnitude is the slope.</summary>
    ShearX,

    /// <summary>Shear along y; the magnitude is the slope.</summary>
    ShearY,

    /// <summary>Move to the right, in pixels.</summary>
    TranslateX,

    /// <summary>Move down, in pixels.</summary>
    TranslateY,

    /// <summary>Turn counter-clockwise, in degrees.</summary>
    Rotate,

    /// <summary>Towards or away from black: factor 1 + magnitude.</summary>
    Brightness,

    /// <summary>Towards or away from grey: factor 1 + magnitude.</summary>
    Color,

    /// <summary>Towards or away from the mean grey: factor 1 + magnitude.</summary>
    Contrast,

    /// <summary>Towards or away from the smoothed picture: factor 1 + magnitude.</summary>
    Sharpness,

    /// <summary>Keep the upper bits; the magnitude is how many.</summary>
    Posterize,

    /// <summary>Invert values that are not below the magnitude.</summary>
    Solarize,

    /// <summary>Stretch each channel to the whole range; no magnitude.</summary>
    AutoContrast,

    /// <summary>Flatten each channel's histogram; no magnitude.</summary>
    Equalize,

    /// <summary>255 minus each value; no magnitude. Not in the paper's list.</summary>
    Invert,

    /// <summary>Add the magnitude to values below 128. Not in the paper's list.</summary>
    SolarizeAdd,
}

/// <summary>
/// The operations with their magnitudes as stored with reinforced data sets: byte for byte those of the Python Imaging
/// Library with nearest-neighbour geometry and black fill.
/// </summary>
public static class ImageOps
{
    /// <summary>Applies one operation.</summary>
    /// <param name="op">The operation.</param>
    /// <param name="magnitude">Its magnitude with its sign, in the operation's own unit.</param>
    /// <param name="source"><c>[height, width, 3]</c>.</param>
    /// <param name="target">The same size; must not overlap the source.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    public static void Apply(ImageOp op, double magnitude, ReadOnlySpan<byte> source, Span<byte> target, int width, int height)
    {
        switch (op)
        {
            case ImageOp.ShearX:
                ImageGeometry.Affine(source, target, width, height, 1, magnitude, 0, 0, 1, 0);
                break;
            case ImageOp.ShearY:
                ImageGeometry.Affine(source, target, width, height, 1, 0, 0, magnitude, 1, 0);
                break;
            case ImageOp.TranslateX:
                ImageGeometry.Shift(source, target, width, height, (int)magnitude, 0);
                break;
            case ImageOp.TranslateY:
                ImageGeometry.Shift(source, target, width, height, 0, (int)magnitude);
                break;
            case ImageOp.Rotate:
                ImageGeometry.Rotate(source, target, width, height, magnitude);
                break;
            case ImageOp.Brightness or ImageOp.Color or ImageOp.Contrast or ImageOp.Sharpness:
                ImageBlends.Apply(op, (float)(1 + magnitude), source, target, width, height);
                break;
            case ImageOp.AutoContrast or ImageOp.Equalize:
                ImageHistogram.Apply(op, source, target, width * height);
                break;
            default:
                Table(op, magnitude, source, target);
                break;
        }
    }

    // Operations on single values.
    private static void Table(ImageOp op, double magnitude, ReadOnlySpan<byte> source, Span<byte> target)
    {
        Span<byte> table = stackalloc byte[256];
        var mask = (byte)~((1 << (8 - (int)Math.Clamp(magnitude, 0, 8))) - 1);
        for (var v = 0; v < 256; v++)
        {
            table[v] = op switch
            {
                ImageOp.Posterize => (byte)(v & mask),
                ImageOp.Solarize => (byte)(v < magnitude ? v : 255 - v),
                ImageOp.Invert => (byte)(255 - v),
                ImageOp.SolarizeAdd => (byte)(v < 128 ? Math.Clamp(v + (int)magnitude, 0, 255) : v),
                _ => (byte)v,
            };
        }
        for (var i = 0; i < source.Length; i++)
            target[i] = table[source[i]];
    }
}
