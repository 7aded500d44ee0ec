using System.Diagnostics;

namespace Recipes.Notebook.Jupyter.Wire;

/// <summary>Lets <paramref name="burst"/> through at once, then <paramref name="rate"/> a second. A rate of 0 lets everything through.</summary>
internal sealed class TokenBucket(double burst, double rate)
{
    private double _spent;
    private long _filled = Stopwatch.GetTimestamp();

    /// <summary>How long until something may pass. What passes may be larger than what is left; the next waits the longer.</summary>
    public TimeSpan Delay()
    {
        if (rate == 0)
            return TimeSpan.Zero;
        var now = Stopwatch.GetTimestamp();
        _spent = Math.Max(0, _spent - rate * Stopwatch.GetElapsedTime(_filled, now).TotalSeconds);
        _filled = now;
        return _spent < burst ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Max(1, 1000 * (_spent - burst) / rate));
    }

    /// <summary>Something has passed.</summary>
    public void Spend(double amount) => _spent += amount;
}
