namespace Recipes.Reproductions;

/// <summary>A measured value with what a reader needs beside it.</summary>
/// <param name="Value">The number that the bound judges.</param>
/// <param name="Note">The spread over seeds, or where the value comes from.</param>
public readonly record struct Measured(double Value, string Note = "")
{
    /// <summary>A bare number.</summary>
    public static implicit operator Measured(double value) => new(value);

    /// <summary>A bare number.</summary>
    public static Measured FromDouble(double value) => new(value);
}

/// <summary>Thrown by a measurement that cannot be made here; the claim becomes <see cref="Verdict.NotAttempted"/> with this reason.</summary>
public sealed class NotAttemptedException(string reason) : Exception(reason);
