using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Recipes.Notebook.Display;

// One value on its way to the page. Each form is made by itself, so that one that fails is shown as its error beside the others.
internal sealed class Shown
{
    private static readonly ConditionalWeakTable<Type, MethodInfo?> _toHtml = [];

    private readonly object _value;
    private readonly IReadOnlyList<string> _types;
    private readonly Func<string, string> _form;

    private Shown(object value, IReadOnlyList<string> types, Func<string, string> form) => (_value, _types, _form) = (value, types, form);

    public static Shown Of(object value)
    {
        try
        {
            RuntimeHelpers.EnsureSufficientExecutionStack();
            var type = value.GetType();
            if (Package.IsRegistered(type) || (value is not IDisplay && Package.IsAttributed(type)))
                return OfPackage(value);
            if (value is not IDisplay && ToHtml(type) is { } method)
                return new Shown(value, ["text/html"], mime => mime == "text/html" ? Invoke(method, value) : value.ToString() ?? "");
            if ((value as IDisplay ?? Views.Of(value)) is { } view)
                return new Shown(value, ["text/html"], mime => mime == "text/html" ? view.ToHtml() : view.ToString()!.TrimEnd('\n'));
            return OfPackage(value);
        }
        catch (Exception e)
        {
            return new Shown(value, [], _ => throw new InvalidOperationException(e.Message, e));
        }
    }

    public IEnumerable<(string Type, string Text)> Rich() => _types.Select(type => (type, Form(type)));

    public string Text() => Form("text/plain");

    private static Shown OfPackage(object value) => new(value, Package.Preferred(value), mime => Package.Text(value, mime));

    private string Form(string type)
    {
        try
        {
            return _form(type);
        }
        catch (Exception e)
        {
            var reason = e is TargetInvocationException { InnerException: { } inner } ? inner : e;
            var text = $"{_value.GetType().Name} cannot be shown as {type}: {reason.GetType().Name}: {reason.Message}";
            return type == "text/html" ? $"<pre>{WebUtility.HtmlEncode(text)}</pre>" : text;
        }
    }

    private static MethodInfo? ToHtml(Type type) =>
        _toHtml.GetValue(
            type,
            t =>
                t.GetMethod("ToHtml", BindingFlags.Public | BindingFlags.Instance, []) is { IsGenericMethod: false } method
                && method.ReturnType == typeof(string)
                    ? method
                    : null
        );

    private static string Invoke(MethodInfo method, object value) => (string?)method.Invoke(value, null) ?? "";
}
