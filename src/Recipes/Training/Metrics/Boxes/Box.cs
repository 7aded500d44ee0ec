namespace Recipes.Training;

/// <summary>An axis-parallel rectangle in pixels.</summary>
/// <param name="X">Left.</param>
/// <param name="Y">Top.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
public readonly record struct Box(double X, double Y, double Width, double Height)
{
    /// <summary>Width times height.</summary>
    public double Area => Width * Height;

    /// <summary>Intersection over union with another box; with a crowd, over this box's own area, since a crowd may hold it.</summary>
    /// <param name="other">The other box.</param>
    /// <param name="crowd">Whether the other is a crowd.</param>
    public double Iou(Box other, bool crowd = false)
    {
        var width = Math.Min(X + Width, other.X + other.Width) - Math.Max(X, other.X);
        var height = Math.Min(Y + Height, other.Y + other.Height) - Math.Max(Y, other.Y);
        if (width <= 0 || height <= 0)
            return 0;
        var shared = width * height;
        return shared / (crowd ? Area : Area + other.Area - shared);
    }
}

/// <summary>A box that is there.</summary>
/// <param name="Category">What it shows.</param>
/// <param name="Box">Where.</param>
/// <param name="Area">Pixels of the object, which decide whether it is small; null for the box's area.</param>
/// <param name="Crowd">Many objects in one: found or not, it does not count.</param>
public sealed record BoxTruth(int Category, Box Box, double? Area = null, bool Crowd = false)
{
    /// <summary>Pixels of the object.</summary>
    public double Pixels => Area ?? Box.Area;
}

/// <summary>A box that was found.</summary>
/// <param name="Category">What it is taken for.</param>
/// <param name="Box">Where.</param>
/// <param name="Score">How sure.</param>
public sealed record BoxGuess(int Category, Box Box, double Score);
