using System.Diagnostics;

namespace Recipes.Notebook.Jupyter;

/// <summary>A client that dies without a word must not leave its kernels behind.</summary>
public static class ParentWatch
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(2);

    /// <summary>Calls <paramref name="gone"/> once the process that <c>JPY_PARENT_PID</c> names has ended. Does nothing without one.</summary>
    /// <returns>Ends the watch.</returns>
    public static IDisposable? Start(Action gone)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), out var parent) || !Lives(parent))
            return null;
        Timer? timer = null;
        timer = new Timer(_ =>
        {
            if (Lives(parent))
                return;
            timer!.Dispose();
            gone();
        });
        timer.Change(_interval, _interval);
        return timer;
    }

    private static bool Lives(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            return !found.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            return false;
        }
    }
}
