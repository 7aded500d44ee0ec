using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Recipes.Notebook.Display;

/// <summary>A bar that grows in place. Shown at most ten times a second, and always when done.</summary>
public sealed class ProgressBar
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(100);

    private readonly string _title;
    private readonly double _total;
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly DisplayedValue _shown;
    private TimeSpan _next = _pause;

    /// <summary>Shows an empty bar.</summary>
    /// <param name="title">What goes on.</param>
    /// <param name="total">The value that means done; positive.</param>
    public ProgressBar(string title, double total)
    {
        if (!(total > 0))
            throw new RecipesException($"ProgressBar \"{title}\": total is {total}, expected a positive number.");
        (_title, _total) = (title, total);
        _shown = Displays.display(new State(title, 0, "", TimeSpan.Zero));
    }

    /// <summary>Moves the bar.</summary>
    /// <param name="value">From 0 to the total.</param>
    /// <param name="note">A word on where it stands, such as the loss.</param>
    public void Report(double value, string note = "")
    {
        if (_clock.Elapsed < _next && value < _total)
            return;
        _next = _clock.Elapsed + _pause;
        _shown.Update(new State(_title, Math.Clamp(value / _total, 0, 1), note, _clock.Elapsed));
    }

    private sealed record State(string Title, double Share, string Note, TimeSpan Elapsed)
    {
        private string Left =>
            Share >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds:F1} s")
            : Share > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Elapsed.TotalSeconds / Share * (1 - Share):F0} s left")
            : "";

        public string ToHtml() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"<div>{WebUtility.HtmlEncode(Title)} <progress value=\"{Share:F4}\" max=\"1\"></progress> {Share:P0} {Left} {WebUtility.HtmlEncode(Note)}</div>"
            );

        public override string ToString()
        {
            var done = (int)Math.Round(Share * 20);
            return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{Title} [{new string('█', done)}{new string('·', 20 - done)}] {Share:P0} {Left} {Note}"
                )
                .TrimEnd();
        }
    }
}
